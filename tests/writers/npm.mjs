// Writers of the npm registry: node npm.mjs WRITER STATEMENT SOURCE TARGET KIND
//
// The packages lie in the folder that NPM_FOLDER names, the texts in STATEMENTS (JSON). Writers
// that carry metadata over read them from SOURCE.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(`${process.env.NPM_FOLDER}/index.js`);
const load = (name) => import(pathToFileURL(require.resolve(name)).href);
const texts = JSON.parse(process.env.STATEMENTS);
const [writer, statement, source, target, kind] = process.argv.slice(2);

async function sharp() {
  let image = require("sharp")(source);
  if (statement === "SOFTWARE") image = image.withExif({ IFD0: { Software: texts.SOFTWARE } });
  else if (statement === "PARAMETERS") {
    image = image.withExif({ IFD2: { UserComment: texts.PARAMETERS } });
  } else if (statement in texts) image = image.withXmp(texts[statement]);
  else image = image.keepMetadata();
  await image.toFile(target);
}

function piexifjs() {
  const piexif = require("piexifjs");
  const tags =
    statement === "SOFTWARE"
      ? { "0th": { [piexif.ImageIFD.Software]: texts.SOFTWARE } }
      : { Exif: { [piexif.ExifIFD.UserComment]: "ASCII\0\0\0" + texts.PARAMETERS } };
  const written = piexif.insert(piexif.dump(tags), readFileSync(source).toString("binary"));
  writeFileSync(target, Buffer.from(written, "binary"));
}

function pngChunkText() {
  const chunks = require("png-chunks-extract")(new Uint8Array(readFileSync(source)));
  const keyword = statement === "TEXT" ? "parameters" : "Comment";
  chunks.splice(-1, 0, require("png-chunk-text").encode(keyword, texts.PARAMETERS));
  writeFileSync(target, Buffer.from(require("png-chunks-encode")(chunks)));
}

function metaPng() {
  const keyword = statement === "TEXT" ? "parameters" : "Comment";
  const png = new Uint8Array(readFileSync(source));
  writeFileSync(target, require("meta-png").addMetadata(png, keyword, texts.PARAMETERS));
}

async function magickWasm() {
  const magick = require("@imagemagick/magick-wasm");
  const wasm = require.resolve("@imagemagick/magick-wasm/magick.wasm");
  await magick.initializeImageMagick(readFileSync(wasm));
  magick.ImageMagick.read(readFileSync(source), (image) => {
    if (statement === "COMMENT") image.comment = texts.PARAMETERS;
    if (statement === "TEXT") image.setAttribute("parameters", texts.PARAMETERS);
    image.write(kind.toUpperCase(), (written) => writeFileSync(target, written));
  });
}

async function c2paNode() {
  const { Builder, LocalSigner } = await load("@contentauth/c2pa-node");
  const [chain, key] = [process.env.CHAIN, process.env.KEY].map((text) => Buffer.from(text));
  const definition = { claim_generator_info: [{ name: "Example Pictures" }] };
  const builder = Builder.withJson(definition, { builder: { thumbnail: { enabled: false } } });
  builder.setIntent({ create: texts.GENERATED });
  builder.sign(LocalSigner.newSigner(chain, key, "es256"), { path: source }, { path: target });
}

const writers = {
  sharp,
  piexifjs,
  "png-chunk-text": pngChunkText,
  "meta-png": metaPng,
  "magick-wasm": magickWasm,
  "c2pa-node": c2paNode,
};
await writers[writer]();
