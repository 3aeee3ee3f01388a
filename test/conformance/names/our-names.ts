// What the packages declare, read from their sources by the TypeScript compiler: unlike the modules at
// run time, declarations show fields and types as well.

import { fileURLToPath } from 'node:url';
import ts from 'typescript';

export interface Declared {
  /** The forms that it may be written in: one, or one for each overload. */
  forms: string[];
  /** What a class or interface declares itself, and what it inherits. */
  own: Map<string, Declared>;
  members: Map<string, Declared>;
  /** The class that it extends. */
  base: string | null;
  /** Whether it is there at run time: neither a type nor abstract. */
  runtime: boolean;
  isClass: boolean;
}

export const ROOT: string = fileURLToPath(new URL('../../../', import.meta.url));
export const { options: compilerOptions } = ts.parseJsonConfigFileContent(
  ts.readConfigFile(`${ROOT}tsconfig.test.json`, ts.sys.readFile).config,
  ts.sys,
  ROOT,
);

/** The source file behind a specifier, or null if no package exports it. */
export function resolve(specifier: string): string | null {
  const containing = `${ROOT}test/conformance/names/our-names.ts`;
  const mode = ts.ModuleKind.ESNext;
  const { resolvedModule } = ts.resolveModuleName(
    specifier,
    containing,
    compilerOptions,
    ts.sys,
    undefined,
    undefined,
    mode,
  );
  return resolvedModule?.resolvedFileName ?? null;
}

/** What each specifier exports; nothing if no package has it. */
export function readDeclarations(specifiers: string[]): Map<string, Map<string, Declared>> {
  const files = specifiers.map((specifier) => resolve(specifier));
  const program = ts.createProgram(
    files.filter((file) => file !== null),
    compilerOptions,
  );
  const checker = program.getTypeChecker();
  return new Map(
    specifiers.map((specifier, i) => {
      const source = program.getSourceFile(files[i] ?? '');
      const module = source && checker.getSymbolAtLocation(source);
      const symbols = module ? checker.getExportsOfModule(module) : [];
      return [specifier, new Map(symbols.map((symbol) => [symbol.name, describe(symbol)]))];
    }),
  );

  function describe(symbol: ts.Symbol): Declared {
    const declared =
      symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    const isClass = Boolean(declared.flags & ts.SymbolFlags.Class);
    const described: Declared = {
      forms: formsOf(symbol.name, declared),
      own: new Map(),
      members: new Map(),
      base: null,
      runtime: Boolean(declared.flags & ts.SymbolFlags.Value),
      isClass,
    };
    if (!isClass && !(declared.flags & ts.SymbolFlags.Interface)) return described;

    const type = checker.getDeclaredTypeOfSymbol(declared);
    const isOwn = (...places: (ts.Declaration | undefined)[]): boolean =>
      places.some((place) => declared.declarations?.some((here) => here === place?.parent));
    for (const member of type.getProperties()) {
      add(described.members, member);
      if (isOwn(...(member.declarations ?? []))) add(described.own, member);
    }
    const calls = type.getCallSignatures();
    const news = isClass
      ? checker.getTypeOfSymbol(declared).getConstructSignatures()
      : type.getConstructSignatures();
    for (const [name, signatures] of [
      ['', calls],
      ['new', news],
    ] as const) {
      const form = (signature: ts.Signature): string => callForm(name && 'new ', signature);
      addForms(described.members, name, signatures.map(form));
      addForms(
        described.own,
        name,
        signatures.filter(({ declaration }) => isOwn(declaration)).map(form),
      );
    }
    if (isClass) {
      described.base = checker.getBaseTypes(type as ts.InterfaceType)[0]?.symbol.name ?? null;
      const statics = checker.getTypeOfSymbol(declared).getProperties();
      for (const member of statics) {
        if (isOwn(...(member.declarations ?? []))) add(described.own, member, 'static ');
      }
    }
    return described;
  }

  function add(members: Map<string, Declared>, symbol: ts.Symbol, prefix = ''): void {
    const name = memberName(symbol);
    if (name === null) return;
    const abstract = symbol.declarations?.some((declaration) =>
      Boolean(ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Abstract),
    );
    const isMethod = Boolean(symbol.flags & (ts.SymbolFlags.Method | ts.SymbolFlags.Accessor));
    const forms = formsOf(name, symbol).map((form) => prefix + form);
    addForms(members, prefix + name, forms, isMethod && !abstract);
  }

  function addForms(
    members: Map<string, Declared>,
    name: string,
    forms: string[],
    runtime = false,
  ): void {
    if (forms.length === 0) return;
    const described = { forms, own: new Map(), members: new Map(), base: null, runtime };
    members.set(name, { ...described, isClass: false });
  }

  /** The name, or for a function or method its calls, one for each overload. */
  function formsOf(name: string, symbol: ts.Symbol): string[] {
    if (!(symbol.flags & (ts.SymbolFlags.Function | ts.SymbolFlags.Method))) return [name];
    const type = checker.getTypeOfSymbol(symbol);
    const signatures = checker.getSignaturesOfType(
      checker.getNonNullableType(type),
      ts.SignatureKind.Call,
    );
    return signatures.map((signature) => callForm(name, signature));
  }

  /** `name(parameters)`, with `await` before it if a promise may come out. */
  function callForm(name: string, signature: ts.Signature): string {
    const type = signature.getReturnType();
    const returned = type.isUnion() ? type.types : [type];
    const awaited = returned.some((one) => one.getProperty('then')) ? 'await ' : '';
    return `${awaited}${name}(${signature.getParameters().map(parameterForm).join(', ')})`;
  }

  function parameterForm(symbol: ts.Symbol): string {
    const declaration = symbol.valueDeclaration as ts.ParameterDeclaration;
    const optional = checker.isOptionalParameter(declaration) ? '?' : '';
    const rest = declaration.dotDotDotToken ? '...' : '';
    if (ts.isIdentifier(declaration.name) && symbol.name !== 'options') {
      // A leading underscore says that this implementation has no use for the parameter.
      return `${rest}${symbol.name.replace(/^_(?=.)/, '')}${optional}`;
    }
    const type = checker.getNonNullableType(checker.getTypeAtLocation(declaration));
    const keys = type
      .getProperties()
      .filter(({ name }) => !isUnused(declaration.name, name))
      .map(({ name, flags }) => (flags & ts.SymbolFlags.Optional ? `${name}?` : name));
    return `{ ${keys.join(', ')} }${optional}`;
  }
}

/** Whether a pattern such as `{ a, b }` takes no notice of a property. */
function isUnused(pattern: ts.BindingName, property: string): boolean {
  if (!ts.isObjectBindingPattern(pattern)) return false;
  return !pattern.elements.some(
    (element) => (element.propertyName ?? element.name).getText() === property,
  );
}

/** Null for what is not part of the API: private members. */
function memberName(symbol: ts.Symbol): string | null {
  const wellKnown = /^__@(\w+)@\d+$/.exec(symbol.escapedName as string);
  if (wellKnown) return `[Symbol.${wellKnown[1]}]`;
  if ((symbol.escapedName as string).startsWith('__#')) return null;
  const isPrivate = symbol.declarations?.some((declaration) =>
    Boolean(ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Private),
  );
  return isPrivate ? null : symbol.name;
}
