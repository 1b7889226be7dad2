/*
 * Asks the reference analyser about articles, over its public API alone.
 *
 * In: a line of JSON an article: {name, html, keyword, title, titleWidth, description, slug, permalink}.
 * Out: a line of JSON an article: {name, seo: {assessment: score}, readability: {…}, scores: {seo, readability}, ms}.
 * An article is asked once to warm and `repeat` (argument, default 1) times for the clock; `ms` is the mean.
 */
const readline = require("node:readline");
const { Paper, assessors, assessments } = require("yoastseo");
const { default: keyphraseDistribution } = require("yoastseo/build/languageProcessing/researches/keyphraseDistribution");
const { default: EnglishResearcher } = require("yoastseo/build/languageProcessing/languages/en/Researcher");

const repeat = Number(process.argv[2] || 1);

function ask(article) {
  const paper = new Paper(article.html, {
    keyword: article.keyword,
    title: article.title,
    titleWidth: article.titleWidth,
    description: article.description,
    slug: article.slug,
    permalink: article.permalink,
    locale: "en_US",
  });
  const researcher = new EnglishResearcher(paper);
  researcher.addResearch("keyphraseDistribution", keyphraseDistribution);
  const seo = new assessors.SEOAssessor(researcher, {});
  const readability = new assessors.ContentAssessor(researcher, {});
  seo.assess(paper);
  readability.assess(paper);
  const told = (assessor) =>
    Object.fromEntries(assessor.getValidResults().map((result) => [result.getIdentifier(), result.getScore()]));
  const found = {
    seo: told(seo),
    readability: told(readability),
    scores: { seo: seo.calculateOverallScore(), readability: readability.calculateOverallScore() },
  };
  const spread = new assessments.seo.KeyphraseDistributionAssessment();
  if (spread.isApplicable(paper, researcher)) {
    found.seo.keyphraseDistribution = spread.getResult(paper, researcher).getScore();
  }
  return found;
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const article = JSON.parse(line);
    const found = ask(article);
    const start = process.hrtime.bigint();
    for (let time = 0; time < repeat; time += 1) ask(article);
    const ms = Number(process.hrtime.bigint() - start) / 1e6 / Math.max(repeat, 1);
    process.stdout.write(`${JSON.stringify({ name: article.name, ...found, ms })}\n`);
  }
}

main();
