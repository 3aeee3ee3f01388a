import ts from 'typescript';

/** The libraries of the language and the platform, which are read once. */
const libraries = new Map<string, ts.SourceFile | undefined>();

/**
 * Compiles the files of a folder, and looks what is wrong with them and with the declarations of the
 * packages that they import. The compiler's command would take ten times as long: it reads and checks
 * the libraries of language and platform for each folder anew.
 *
 * @param folder where the files are
 * @param consumer where the packages are installed: what lies in it is checked
 * @param settings the `compilerOptions` of a tsconfig.json
 * @returns what is wrong
 */
export function typeCheck(folder: string, consumer: string, settings: object): string[] {
  const { options, fileNames, errors } = ts.parseJsonConfigFileContent(
    { compilerOptions: settings },
    ts.sys,
    folder,
  );
  const host = ts.createCompilerHost(options);
  const isOurs = (file: string): boolean => ts.sys.resolvePath(file).startsWith(consumer);
  const { getSourceFile } = host;
  host.getSourceFile = (file, ...rest) => {
    if (isOurs(file)) return getSourceFile(file, ...rest);
    if (!libraries.has(file)) libraries.set(file, getSourceFile(file, ...rest));
    return libraries.get(file);
  };
  const program = ts.createProgram(fileNames, options, host);
  const diagnostics = [
    ...errors,
    ...program.getOptionsDiagnostics(),
    ...program.getGlobalDiagnostics(),
    ...program
      .getSourceFiles()
      .filter(({ fileName }) => isOurs(fileName))
      .flatMap((file) => [
        ...program.getSyntacticDiagnostics(file),
        ...program.getSemanticDiagnostics(file),
      ]),
  ];
  return diagnostics.map(
    ({ file, code, messageText }) =>
      `${file?.fileName ?? ''}: TS${code}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
  );
}
