#include <leat/pipeline/command_line.hpp>

#include <leat/base/error.hpp>
#include <leat/pipeline/argument_parser.hpp>
#include <leat/pipeline/settings_text.hpp>
#include <leat/pipeline/startup.hpp>
#include <leat/pipeline/yaml_entries.hpp>

#include <catch2/catch.hpp>

using namespace leat;

namespace {

struct fixture {
  fixture() {
    parser.option("--input", "TOPIC", "Topic to read", input);
    parser.flag("--quiet", "Prints no alerts", quiet);
    parser.shorthand("--limit", "AMOUNT", "rules.limit", "Largest amount");
  }

  command_line parse(std::vector<std::string> arguments) { return parser.parse(arguments); }

  launch plan(std::vector<std::string> arguments, std::vector<std::pair<std::string, std::string>> environment = {}) {
    return plan_launch(parser, std::span{&shop, 1}, arguments, std::move(environment));
  }

  std::string input = "transactions";
  bool quiet = false;
  command_line_parser parser{"shop", "Watches a shop."};
  embedded_file shop{"shop.yaml", "rules:\n  # Largest amount that is no alert.\n  limit: !1..1000000 5000\n"};
};

} // namespace

TEST_CASE_METHOD(fixture, "an empty command line asks for nothing special") {
  const auto line = parse({});
  CHECK(line.config_file.empty());
  CHECK(line.overrides.empty());
  CHECK_FALSE((line.bounded || line.explain || line.print_config || line.help || line.version));
  CHECK(input == "transactions");
}

TEST_CASE_METHOD(fixture, "every option is read, with its value beside it or behind an equals sign") {
  const auto line = parse({"--config", "a.yaml", "--bounded", "--explain", "--print-config", "--input=x y", "--quiet"});
  CHECK(line.config_file == "a.yaml");
  CHECK((line.bounded && line.explain && line.print_config));
  CHECK_FALSE(line.explain_time);
  CHECK(parse({"--explain-time"}).explain_time);
  CHECK(input == "x y");
  CHECK(quiet);
  CHECK(parse({"-h"}).help);
  CHECK(parse({"--version"}).version);
}

TEST_CASE_METHOD(fixture, "overrides keep the order in which they were given, shorthands among them") {
  const auto line =
    parse({"--set", "job.parallelism=1", "--parallelism", "2", "--set=a=b=c", "--brokers", "h:1,i:2", "--limit", "-7"});
  REQUIRE(line.overrides.size() == 5);
  CHECK(line.overrides[0].value == "1");
  CHECK(line.overrides[1].key == "job.parallelism");
  CHECK(line.overrides[1].origin == "--parallelism");
  CHECK(line.overrides[2].value == "b=c");
  CHECK(line.overrides[3].value == "h:1,i:2");
  CHECK(line.overrides[4].key == "rules.limit");
  CHECK(line.overrides[4].value == "-7");
}

TEST_CASE_METHOD(fixture, "a value may be empty, in brackets, or look like anything but an option") {
  CHECK(parse({"--set", "a="}).overrides.at(0).value.empty());
  CHECK(parse({"--set", "[a]=[b,c]"}).overrides.at(0).value == "[b,c]");
  (void)parse({"--input", ""});
  CHECK(input.empty());
}

TEST_CASE_METHOD(fixture, "wrong usage is refused in one line that helps") {
  CHECK_THROWS_WITH(parse({"--paralelism", "2"}), "unknown option --paralelism; did you mean --parallelism?");
  CHECK_THROWS_WITH(parse({"--inptu=3"}), "unknown option --inptu; did you mean --input?");
  CHECK_THROWS_WITH(
    parse({"--something-else-altogether"}), "unknown option --something-else-altogether; --help lists all options");
  CHECK_THROWS_WITH(parse({"transactions"}), "unexpected argument 'transactions'; options begin with --");
  CHECK_THROWS_WITH(parse({"--bounded", "--", "x"}), "unexpected argument 'x'; options begin with --");
  CHECK_THROWS_WITH(parse({"--bounded", "--config"}), "--config wants a value");
  CHECK_THROWS_WITH(
    parse({"--input=", "--bounded"}), "--input= is followed by no value; for an empty one write --input ''");
  CHECK_THROWS_WITH(parse({"--config", "a", "--config", "b"}), "--config is given twice");
  CHECK_THROWS_WITH(parse({"--set", "x"}), "--set wants key=value, as in --set log.level=debug, not 'x'");
  CHECK_THROWS_AS(parse({"--bounded=maybe"}), config_error);
}

TEST_CASE_METHOD(fixture, "help names every option, every setting with its default, and every exit code") {
  const auto result = plan({"--help"});
  CHECK(result.exit == exit_done);
  for (const auto* part :
       {"Usage: shop [OPTION...]\nWatches a shop.\n",
        "--config FILE",
        "--set KEY=VALUE",
        "--bounded",
        "--explain",
        "--print-config",
        "--help",
        "--version",
        "--brokers HOST:PORT",
        "--parallelism N",
        "--log-level LEVEL",
        "--input TOPIC",
        "--quiet",
        "--limit AMOUNT",
        "(--set rules.limit=…)",
        "  rules.limit: 5000  (1..1000000)\n      Largest amount that is no alert.\n",
        "  log.level: info  (trace, debug, info, warn, error, off)\n",
        "  kafka.properties: {}  (any keys below)\n",
        "\n  0 ",
        "\n  1 ",
        "\n  2 ",
        "\n  130 "})
    CHECK_THAT(result.output, Catch::Contains(part));
  for (const auto& entry : parse_yaml(embedded::defaults.text, embedded::defaults.name))
    CHECK_THAT(result.output, Catch::Contains("\n  " + entry.key + ": "));
}

TEST_CASE_METHOD(fixture, "help is given even when the configuration is wrong") {
  CHECK(plan({"--help", "--config", "/nowhere", "--set", "nonsense=1"}).exit == exit_done);
}

TEST_CASE_METHOD(fixture, "the version is printed with the program's name") {
  CHECK_THAT(plan({"--version"}).output, Catch::StartsWith("shop (Leat ") && Catch::EndsWith(")\n"));
}

TEST_CASE_METHOD(fixture, "a command line without complaint yields settings to run with") {
  const auto result = plan({"--parallelism", "2", "--bounded"}, {{"LEAT_RULES_LIMIT", "70"}});
  CHECK_FALSE(result.exit);
  CHECK(result.line.bounded);
  CHECK(result.config.text("job.parallelism") == "2");
  CHECK(result.config.integer("rules.limit", 0, 100) == 70);
  CHECK(result.complaint.empty());
}

TEST_CASE_METHOD(
  fixture, "wrong usage and wrong configuration both exit with 2 and one line that begins with the program") {
  for (const auto& [argument, complaint] : std::vector<std::pair<std::string, std::string>>{
         {"--bonded", "shop: unknown option --bonded; did you mean --bounded?\n"},
         {"--config=/nowhere", "shop: cannot read the configuration file '/nowhere': No such file or directory\n"},
         {"--parallelism=0", "shop: --parallelism: job.parallelism: '0' is not one of: auto, 1..32768\n"},
         {"--set=rules.limits=1", "shop: --set: unknown key 'rules.limits'; did you mean 'rules.limit'?\n"}}) {
    const auto result = plan({argument});
    CHECK(result.exit == exit_usage);
    CHECK(result.complaint == complaint);
    CHECK(result.output.empty());
  }
}

TEST_CASE_METHOD(fixture, "the settings in effect are printed with their origins") {
  const auto result = plan({"--print-config", "--limit", "9"}, {{"LEAT_KAFKA_GROUP", "a \"b\""}});
  CHECK(result.exit == exit_done);
  CHECK_THAT(result.output, Catch::Contains("\nrules.limit: 9  ") && Catch::Contains("# --limit\n"));
  CHECK_THAT(
    result.output,
    Catch::Contains("\nkafka.group: \"a \\\"b\\\"\" ") && Catch::Contains("# environment LEAT_KAFKA_GROUP\n"));
  CHECK_THAT(result.output, Catch::Contains("# defaults.yaml:"));
}

TEST_CASE("printed settings are a file that says the same") {
  settings s;
  const std::vector<std::string> values{
    "",   "a b", "null", "~", "a: b", "# x",  "-",   "- a", "127.0.0.1:9092", "a:", "\"\\\n", "[x]",    "{}",  "*a",   "&a",
    "!t", "ü",   "yes",  "'", "%",    "x #y", "1,2", "\t",  "\x7f",           "@",  "`",      "a\001b", "---", "true", "|"};
  for (std::size_t i = 0; i < values.size(); ++i)
    s.set("open.map." + std::to_string(i) + " #", {values[i], "--set", {}, false});
  s.set("list", {"", "--set", values, true});
  const auto read = parse_yaml(print_settings(s), "printed.yaml");
  REQUIRE(read.size() == values.size() + 1);
  for (const auto& entry : read) {
    CHECK(entry.value.value == (entry.value.is_list ? entry.value.value : s.text(entry.key)));
    CHECK(entry.value.items == s.at(entry.key).items);
  }
}

TEST_CASE_METHOD(fixture, "secrets are not printed") {
  const auto result = plan(
    {"--print-config", "--set", "kafka.properties.ssl.key.pem=hidden1"},
    {{"LEAT_KAFKA_PROPERTIES_SASL_PASSWORD", "hidden2"}, {"LEAT_KAFKA_PROPERTIES_SASL_USERNAME", "shown"}});
  CHECK_THAT(result.output, !Catch::Contains("hidden"));
  CHECK_THAT(result.output, Catch::Contains("kafka.properties.sasl.password: \"***\""));
  CHECK_THAT(result.output, Catch::Contains("kafka.properties.sasl.username: shown"));
}

TEST_CASE("words, negative numbers and what stands behind two dashes are no options") {
  argument_parser parser;
  std::string limit;
  parser.once("--limit", limit);
  const std::vector<std::string> arguments{"scan", "-5", "--limit", "3", "-", "--", "--key"};
  CHECK(parser.parse(arguments) == std::vector<std::string>{"scan", "-5", "-", "--key"});
  CHECK(limit == "3");
  argument_parser other;
  other.once("--limit", limit);
  CHECK_THROWS_WITH(other.parse(std::vector<std::string>{"--limt=3"}), "unknown option --limt; did you mean --limit?");
  CHECK_THROWS_WITH(other.parse(std::vector<std::string>{"-x"}), Catch::Contains("unknown option -x"));
}
