type Work<Result> = () => Promise<Result>;

/** The worker's half of `runInProcesses`: `prepare` gets ready for a task, what it returns is the work itself. */
export function serve<Task, Result>(prepare: (task: Task) => Promise<Work<Result>>): void {
  let work: Work<Result> | undefined;
  process.on('message', (message: 'go' | { readonly prepare: Task }) => {
    const step = async (): Promise<unknown> => {
      if (message === 'go') return run(work);
      work = await prepare(message.prepare);
      return undefined;
    };
    step().then(
      (result) => process.send?.({ result }),
      (error: unknown) => process.send?.({ error: error instanceof Error ? String(error.stack) : String(error) }),
    );
  });
  // Nobody is left to work for.
  process.on('disconnect', () => process.exit());
}

async function run<Result>(work: Work<Result> | undefined): Promise<Result> {
  if (!work) throw new Error('A worker was told to go before it was ready');
  return work();
}
