/**
 * Hears of changes in a directory, where the system tells of them (inotify on Linux). Only a hint
 * that it may be worth looking again: some come twice, some may never come.
 */
import { watch, type FSWatcher } from 'node:fs';

/**
 * @param changed gets the name of the file, where the system tells it
 * @returns ends it; undefined where nothing will be heard
 */
export type WatchDirectory = (
  path: string,
  changed: (file: string | null) => void,
) => (() => void) | undefined;

export const watchDirectory: WatchDirectory = (path, changed) => {
  let watcher: FSWatcher;
  try {
    // Whoever waits has a timer as well, and that keeps the process alive.
    watcher = watch(path, { persistent: false }, (_, file) => {
      changed(file);
    });
  } catch {
    return undefined; // There is no such directory, or no watcher left for this user.
  }
  const close = () => {
    watcher.close();
  };
  watcher.on('error', close);
  return close;
};
