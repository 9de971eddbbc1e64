// Extract a RAR set with UnRAR: node unrar.mjs FIRST_VOLUME FOLDER
import { createExtractorFromFile } from "node-unrar-js";

const [filepath, targetPath] = process.argv.slice(2);
const extractor = await createExtractorFromFile({ filepath, targetPath });
for (const file of extractor.extract().files) {
  console.log(file.fileHeader.name);
}
