// Refreshes against-python.jsonl: `node test/simple-server/record-python.mjs`, with PYTHON=… for
// another Python than `python3`.

import { writeRecord } from '../util/python.mjs';
import { rawRequests } from './raw-requests.mjs';

writeRecord(
  import.meta.url,
  rawRequests.map(({ request }) => ['serve', ...[request].flat()]),
);
