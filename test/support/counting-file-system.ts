/** A file system that does everything and keeps account of it. */
import { relative } from 'node:path';
import { type Descriptor, type FileSystem, nodeFileSystem } from '../../src/disk/file-system.js';

export interface FileOperation {
  name: keyof FileSystem;
  /** Relative to the store's directory. */
  path: string;
  /** Read or written. */
  bytes: number;
}

export interface CountingFileSystem extends FileSystem {
  readonly operations: FileOperation[];
}

export function countingFileSystem(directory: string): CountingFileSystem {
  const operations: FileOperation[] = [];
  const paths = new Map<Descriptor, string>();

  function note(name: keyof FileSystem, at: string | Descriptor, bytes = 0): void {
    const path = typeof at === 'string' ? at : (paths.get(at) ?? '');
    operations.push({ name, path: relative(directory, path), bytes });
  }

  function opened(path: string, file: Descriptor): Descriptor {
    paths.set(file, path);
    return file;
  }

  const counting: FileSystem = {
    open(path, access) {
      note('open', path);
      return opened(path, nodeFileSystem.open(path, access));
    },
    create(path, apartFrom) {
      note('create', path);
      return opened(path, nodeFileSystem.create(path, apartFrom));
    },
    close(file) {
      note('close', file);
      paths.delete(file);
      nodeFileSystem.close(file);
    },
    read(...args) {
      const [file] = args;
      const bytes = nodeFileSystem.read(...args);
      note('read', file, bytes);
      return bytes;
    },
    write(file, bytes, position) {
      note('write', file, bytes.length);
      nodeFileSystem.write(file, bytes, position);
    },
    syncData(file) {
      note('syncData', file);
      nodeFileSystem.syncData(file);
    },
    syncDataAsync(file, bytes) {
      note('syncDataAsync', file);
      return nodeFileSystem.syncDataAsync(file, bytes);
    },
    syncsMustWait: () => false,
    truncate(file, bytes) {
      note('truncate', file);
      nodeFileSystem.truncate(file, bytes);
    },
    size(file) {
      note('size', file);
      return nodeFileSystem.size(file);
    },
    status(path) {
      note('status', path);
      return nodeFileSystem.status(path);
    },
    list(path) {
      note('list', path);
      return nodeFileSystem.list(path);
    },
    makeDirectory(path) {
      note('makeDirectory', path);
      nodeFileSystem.makeDirectory(path);
    },
    syncDirectory(path) {
      note('syncDirectory', path);
      nodeFileSystem.syncDirectory(path);
    },
    link(path, newPath) {
      note('link', newPath);
      nodeFileSystem.link(path, newPath);
    },
    rename(path, newPath) {
      note('rename', newPath);
      nodeFileSystem.rename(path, newPath);
    },
    remove(path) {
      note('remove', path);
      nodeFileSystem.remove(path);
    },
    removeAsync(path) {
      note('removeAsync', path);
      return nodeFileSystem.removeAsync(path);
    },
    makePrivate(path) {
      note('makePrivate', path);
      nodeFileSystem.makePrivate(path);
    },
    isWritable(path) {
      note('isWritable', path);
      return nodeFileSystem.isWritable(path);
    },
    freeBytes(path) {
      note('freeBytes', path);
      return nodeFileSystem.freeBytes(path);
    },
    type(path) {
      note('type', path);
      return nodeFileSystem.type(path);
    },
  };
  return Object.assign(counting, { operations });
}
