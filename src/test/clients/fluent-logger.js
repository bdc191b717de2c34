// Sends N events with @fluent-org/logger. Usage: node fluent-logger.js PORT N MODE [CA-FILE]; MODE is Message, Forward,
// PackedForward or CompressedPackedForward. What SECURITY holds, a JSON object, is its `security` (the handshake).
// Asks for acknowledgements, and ends with `acked N` when all have come.
'use strict'
const fs = require('fs')
const {FluentClient} = require('@fluent-org/logger')

const [port, count, eventMode, ca] = process.argv.slice(2)
const total = Number(count)
const security = process.env.SECURITY && JSON.parse(process.env.SECURITY)
const client = new FluentClient('app', {
  eventMode,
  ...(security && {security}),
  socket: {host: '127.0.0.1', port: Number(port), timeout: 30000, ...(ca && {tls: {ca: [fs.readFileSync(ca)]}})},
  ack: {ackTimeout: 30000},
})

const all = []
for (let n = 0; n < total; n++) {
  all.push(client.emit('web', {n, msg: `event ${n} of fluent-logger, ü`, nested: {list: [1, 2.5, null, true]}}))
}
Promise.all(all).then(() => {
  console.log('acked %d', total)
  process.exit(0)
}, (error) => {
  console.error(error)
  process.exit(1)
})
