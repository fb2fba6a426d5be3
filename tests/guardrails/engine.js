// Runs Guard rules by the engine inside aws-cdk-lib, without its own rules: what `cfn-guard validate` would report.
// Standard input: {package, jobs: [{sources: {name: text}, templates: {name: template}}]}.
// Standard output, for each job: {template: {rule: [logical ids]}}, or {error} where a source is no Guard.
"use strict";
const { package: folder, jobs } = JSON.parse(require("fs").readFileSync(0, "utf8"));
const { CompositeEngine, TemplateContent } = require(folder);

function run({ sources, templates }) {
  let engine;
  try {
    engine = new CompositeEngine({
      guardRules: Object.entries(sources).map(([name, content]) => ({ name, content })),
    });
  } catch (error) {
    return { error: String(error) };
  }
  const found = {};
  for (const [name, template] of Object.entries(templates)) {
    const content = new TemplateContent(JSON.stringify(template), `${name}.json`);
    const report = engine.validateTemplate(content, { disableBuiltinRules: true });
    found[name] = {};
    for (const { ruleId, entity } of report.diagnostics) {
      (found[name][ruleId] ??= []).push(entity?.logicalId ?? null);
    }
  }
  engine.free();
  return found;
}

process.stdout.write(JSON.stringify(jobs.map(run)));
