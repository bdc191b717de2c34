// Sends N events with lumberjack-client: version 2, one compressed window for each event, and those that were logged
// before it was connected as one window. Usage: node lumberjack-client.js [HOST:]PORT N [CA-FILE]; what FIELDS holds, a
// JSON object, is put into every event.
//
// The client never reads what the server answers, so this listens on its socket. Ends with `acked N` when the
// acknowledgements add up.
'use strict'
const fs = require('fs')
const LumberjackClient = require('lumberjack-client')

const [at, count, ca] = process.argv.slice(2)
const [port, host = '127.0.0.1'] = at.split(':').reverse()
const fields = JSON.parse(process.env.FIELDS || '{}')
const total = Number(count)
const config = {host, port: Number(port), ...(ca && {ca: [fs.readFileSync(ca)]})}
const client = new LumberjackClient(config, Boolean(ca))

let acked = 0
let rest = Buffer.alloc(0)
client.socket.on('data', (data) => {
  rest = Buffer.concat([rest, data])
  for (; rest.length >= 6; rest = rest.subarray(6)) {
    if (rest.toString('latin1', 0, 2) !== '2A') {
      console.error('not an acknowledgement: %s', rest.toString('hex', 0, 6))
      process.exit(1)
    }
    acked += rest.readUInt32BE(2)
  }
  if (acked >= total) {
    console.log('acked %d', acked)
    process.exit(0)
  }
})

const event = (n) => ({'@timestamp': new Date().toISOString(), n, msg: `event ${n} of lumberjack-client, ü`, labels: {a: 'b'}, ...fields})
const early = Math.floor(total / 2)
for (let n = 0; n < early; n++) {
  client.log(event(n))
}
client.socket.on(ca ? 'secureConnect' : 'connect', () => {
  for (let n = early; n < total; n++) {
    client.log(event(n))
  }
})
