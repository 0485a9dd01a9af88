// What the packages @kubernetes-models/karpenter, /external-secrets, /argo-cd and /argo-rollouts say of our objects: types, required members, patterns and enums,
// by schemas that are not ours. They take members that they do not know, and are not of exactly the controllers' versions.
//
//     node second_opinion.mjs FOLDER < OBJECTS.json    FOLDER is where npm has installed the packages

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const PACKAGES = { "karpenter.sh": "karpenter", "karpenter.k8s.aws": "karpenter", "external-secrets.io": "external-secrets", "argoproj.io": "argo-cd" };
const OF_ROLLOUTS = ["AnalysisTemplate", "Rollout"];

async function modelOf({ apiVersion, kind }) {
  const name = OF_ROLLOUTS.includes(kind) ? "argo-rollouts" : PACKAGES[apiVersion.split("/")[0]];
  const path = resolve(process.argv[2], "node_modules/@kubernetes-models", name, apiVersion, `${kind}.js`);
  const module = await import(pathToFileURL(path));
  return module[kind] ?? module.default[kind]; // some are of the older form of modules
}

function refusal(Model, object) {
  try {
    new Model(object).validate();
    return null;
  } catch (error) {
    return error.message;
  }
}

const objects = JSON.parse(readFileSync(0, "utf8")).filter(({ apiVersion }) => apiVersion.split("/")[0] in PACKAGES);
let models;
try {
  models = await Promise.all(objects.map(modelOf));
} catch (error) {
  console.log(`manifests: no second opinion: node ${process.version} cannot load a package: ${error.message.split("\n")[0]}`);
  process.exit(0);
}

const findings = objects.flatMap((object, place) => {
  const name = `${object.kind}/${object.metadata.name}`;
  const wrong = refusal(models[place], object);
  // One that refuses nothing would be no opinion.
  const awake = refusal(models[place], { ...object, spec: "nothing" });
  return [...(wrong ? [`${name}: ${wrong}`] : []), ...(awake ? [] : [`${name}: its model takes a spec that is a string`])];
});
findings.forEach((finding) => console.log(`second opinion: ${finding}`));
if (findings.length || !objects.length) {
  console.error(`${objects.length} objects, ${findings.length} findings of the second opinion; expected objects, and no finding`);
  process.exit(1);
}
console.log(`${objects.length} objects are as their packages in npm want them`);
