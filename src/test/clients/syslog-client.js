// Sends N messages with syslog-client. Usage: node syslog-client.js PORT N udp|tcp 3164|5424. Ends with `sent N`.
'use strict'
const syslog = require('syslog-client')

const [port, count, transport, rfc] = process.argv.slice(2)
const client = syslog.createClient('127.0.0.1', {
  port: Number(port),
  transport: transport === 'tcp' ? syslog.Transport.Tcp : syslog.Transport.Udp,
  rfc3164: rfc === '3164',
  syslogHostname: 'web-1',
  appName: 'shop',
})
client.on('error', (error) => {
  console.error(error)
  process.exit(1)
})

const send = (n) => {
  if (n === Number(count)) {
    console.log('sent %d', n)
    client.close()
    return
  }
  const options = {facility: syslog.Facility.Local3, severity: syslog.Severity.Warning}
  client.log(`event ${n} of syslog-client`, options, (error) => {
    if (error) {
      console.error(error)
      process.exit(1)
    }
    send(n + 1)
  })
}
send(0)
