import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createProgramEnv, runProgram } from '../_support/run-program.ts';
import { installPackages } from './app-folder.ts';
import { createProject, noteVersions } from './package-project.ts';
import { tableRow, test } from './package-test.ts';
import { reactCases } from './react-cases.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
for (const { title, version, packages } of reactCases) {
  test(title, tableRow, async () => {
    test.setTimeout(300_000);
    using project = createProject();
    project.write('package.json', { name: 'app', private: true });
    await installPackages(project, `react@${version}`, `react-dom@${version}`, ...packages);
    const env = { REACT_FOLDER: project.folder, ...(packages.length > 0 && { REACT_COMPILER: '1' }) };
    const vitest = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--reporter=dot'];
    await runProgram(process.execPath, [...vitest, '--config', 'test/matrix/react-vitest.config.ts'], {
      cwd: root,
      env: createProgramEnv(env),
      maxBuffer: 2 ** 26,
    });
    noteVersions(project, 'react', ...packages.filter((name) => name.startsWith('babel-plugin')));
  });
}
