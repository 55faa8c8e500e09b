/** The major version of Node that runs this. */
export const nodeMajor = Number(process.versions.node.split('.')[0]);
