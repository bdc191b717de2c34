// Sends N events with lumberjack-protocol: version 1 over TLS, data frames of keys and values, one window size at the
// start for all of them and a sequence that goes on. Usage: node lumberjack-protocol.js PORT N CA-FILE
//
// Ends with `acked N` when the last event was acknowledged. The client drops what is more than ten windows ahead of the
// acknowledgements, so this waits for one when it is five ahead: how fast either process happens to run says nothing.
'use strict'
const fs = require('fs')
const ClientSocket = require('lumberjack-protocol/lib/ClientSocket')

const [port, count, ca] = process.argv.slice(2)
const total = Number(count)
const windowSize = 100
const client = new ClientSocket({windowSize})
let waiting = false
client.on('ack', (sequence) => {
  if (sequence === total) {
    console.log('acked %d', sequence)
    process.exit(0)
  }
  if (waiting) {
    waiting = false
    send()
  }
})
client.on('dropped', () => {
  console.error('the client dropped an event although it was no more than five windows ahead')
  process.exit(1)
})
client.on('error', (error) => {
  console.error(error)
  process.exit(1)
})
client.on('end', () => {
  console.error('the server ended the connection')
  process.exit(1)
})

let n = 0
const send = () => {
  if (n - client.lastAck >= 5 * windowSize) {
    waiting = true
    return
  }
  if (n < total) {
    client.writeDataFrame({n, line: `event ${n} of lumberjack-protocol, ü "quoted"`, host: 'node'}, (error) => {
      if (error) {
        console.error(error)
        process.exit(1)
      }
      n++
      setImmediate(send)
    })
  }
}
client.on('connect', send)
client.connect({host: '127.0.0.1', port: Number(port), ca: [fs.readFileSync(ca)]})
