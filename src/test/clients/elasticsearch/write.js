// Writes through the client of Elasticsearch or OpenSearch: a bulk request of COUNT documents, an update, a delete, one
// document, and the steps of a setup. Usage: write.js elasticsearch|opensearch PORT COUNT
const [, , kind, port, count] = process.argv;
const { Client } =
  kind === 'opensearch' ? require('@opensearch-project/opensearch') : require('@elastic/elasticsearch');
const body = (answer) => (kind === 'opensearch' ? answer.body : answer);

async function main() {
  const client = new Client({ node: `http://127.0.0.1:${port}`, maxRetries: 0 });
  const info = body(await client.info());
  if (!(await client.ping())) throw new Error('no ping');
  const operations = [];
  for (let n = 0; n < Number(count); n++) {
    operations.push(n % 2 ? { index: { _index: 'logs-shop', _id: `id-${n}` } } : { create: { _index: 'logs-shop' } });
    operations.push({ '@timestamp': '2026-01-01T00:00:00.000Z', n, msg: `event ${n} of ${kind}, ü` });
  }
  operations.push({ update: { _index: 'logs-shop', _id: 'x' } }, { doc: { a: 1 } });
  operations.push({ delete: { _index: 'logs-shop', _id: 'x' } });
  const bulk = body(await client.bulk(kind === 'opensearch' ? { body: operations } : { operations }));
  const statuses = {};
  for (const item of bulk.items) {
    const [op, told] = Object.entries(item)[0];
    statuses[`${op} ${told.status}`] = (statuses[`${op} ${told.status}`] || 0) + 1;
  }
  const document = { index: 'logs-one', id: 'one', [kind === 'opensearch' ? 'body' : 'document']: { n: -1 } };
  const one = body(await client.index(document));
  const template = { name: 'filebeat', [kind === 'opensearch' ? 'body' : 'index_patterns']: kind === 'opensearch' ? { index_patterns: ['filebeat-*'] } : ['filebeat-*'] };
  const there = body(await client.indices.existsIndexTemplate({ name: 'filebeat' }));
  const put = body(await client.indices.putIndexTemplate(template));
  let search;
  try {
    await client.search({ index: 'logs-shop' });
    search = 'taken';
  } catch (e) {
    search = e.statusCode;
  }
  console.log(
    JSON.stringify({
      cluster: info.cluster_name,
      errors: bulk.errors,
      statuses,
      one: one.result,
      there,
      put: put.acknowledged,
      search,
    }),
  );
}

main().catch((e) => {
  console.error(e);
  process.exit(1);
});
