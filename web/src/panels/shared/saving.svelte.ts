// A file that the service makes and the browser saves: whether it is on its way, and why it did not come.
import { type NamedFile, Problem, save } from '../../api/http';

export class Saving {
  busy = $state(false);
  problem = $state.raw<Problem | null>(null);
  async save(file: Promise<NamedFile>): Promise<void> {
    this.busy = true;
    this.problem = null;
    try {
      save(await file);
    } catch (cause) {
      this.problem = Problem.of(cause);
    } finally {
      this.busy = false;
    }
  }
}
