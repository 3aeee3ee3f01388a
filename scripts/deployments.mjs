// Runs every case behind every web server of docs/deploying.md, CGI included, and says what is not as
// test/integration/bends.mjs has it. The packages must be built, and the web servers installed.
//
//   node scripts/deployments.mjs            all of them
//   node scripts/deployments.mjs 'nginx'    those whose name begins so

import { runConformance } from '@wsgiref/conformance';
import { bends } from '../test/integration/bends.mjs';
import { deployedGateway } from '../test/integration/deployed-gateway.mjs';
import { readDeployments } from '../test/integration/deployments.mjs';

const [beginning = ''] = process.argv.slice(2);

for (const deployment of readDeployments()) {
  const { name } = deployment;
  if (!name.startsWith(beginning)) continue;
  const gateway = deployedGateway(deployment, bends[name]);
  const { results } = await runConformance(gateway, { timeout: 30_000 });
  const count = (outcome) => results.filter((result) => result.outcome === outcome).length;
  console.log(`${name}: ${count('pass')} pass, ${count('exception')} bent, ${count('fail')} fail`);
  for (const { outcome, name: title, message } of results) {
    if (outcome !== 'fail') continue;
    console.log(`  ${title}: ${message}`);
    process.exitCode = 1;
  }
}
