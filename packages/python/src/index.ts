/**
 * WSGI applications written in Python as applications here, and the other way round, through Pyodide.
 *
 * @module
 */

export { loadPython, type PythonOptions } from './load-python.ts';
export { type Pyodide, type PythonCallable, type PythonObject } from './pyodide.ts';
export { Python } from './python.ts';
export { PythonException } from './python-exception.ts';
