/**
 * Stands for undici in a function: its pool alone is used, and the package as a whole is half of a bundle's megabyte.
 * By its path, since a bundle's alias would send the package's own name back to this file.
 */
import Pool from '../../../node_modules/undici/lib/dispatcher/pool.js';

export { Pool };
