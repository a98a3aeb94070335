const compiler = ['@babel/core', 'babel-plugin-react-compiler'];

/** The versions of React with which `npm run test:matrix` runs the tests of the hooks, and what else is installed. */
export const reactCases = [
  { title: 'React 19.0: the tests of the hooks', version: '19.0.0', packages: [] },
  { title: 'React 19: the tests of the hooks', version: '19', packages: [] },
  { title: 'React 19 with the React Compiler: the tests of the hooks', version: '19', packages: compiler },
] as const;
