type Work<Result> = () => Promise<Result>;

/** The worker's part of `runInProcesses`. `prepare` sets up a task and resolves to the function that does the work. */
export function serve<Task, Result>(prepare: (task: Task) => Promise<Work<Result>>): void {
  let work: Work<Result> | undefined;
  process.on('message', (message: 'go' | { readonly prepare: Task }) => {
    const handle = async (): Promise<unknown> => {
      if (message === 'go') return runWork(work);
      work = await prepare(message.prepare);
      return undefined;
    };
    handle().then(
      (result) => process.send?.({ result }),
      (error: unknown) => process.send?.({ error: error instanceof Error ? String(error.stack) : String(error) }),
    );
  });
  // The test process has ended.
  process.on('disconnect', () => process.exit());
}

async function runWork<Result>(work: Work<Result> | undefined): Promise<Result> {
  if (!work) throw new Error('A worker received "go" before it was prepared');
  return work();
}
