// Publishes N events with the client `nats`: to JetStream, where each is confirmed, or with `core` to whoever listens.
// Usage: node nats-client.js URL SUBJECT N [core]. Ends with `acked N` when all are confirmed.
'use strict'
const {connect} = require('nats')

const [url, subject, count, core] = process.argv.slice(2)
const total = Number(count)
const event = (n) => JSON.stringify({'@timestamp': new Date().toISOString(), n, msg: `event ${n} of nats, ü`, labels: {a: 'b'}})

async function main () {
  const connection = await connect({servers: url})
  if (core) {
    for (let n = 0; n < total; n++) {
      connection.publish(subject, event(n))
    }
    await connection.flush()
  } else {
    const stream = connection.jetstream()
    for (let n = 0; n < total; n += 100) {
      const some = []
      for (let m = n; m < Math.min(total, n + 100); m++) {
        some.push(stream.publish(subject, event(m)))
      }
      await Promise.all(some)
    }
  }
  console.log('acked %d', total)
  await connection.drain()
}
main().catch((e) => {
  console.error(e)
  process.exit(1)
})
