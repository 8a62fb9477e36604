#include <leat/pipeline/settings_loader.hpp>

#include <leat/base/error.hpp>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace leat;

namespace {

constexpr embedded_file toy{"toy.yaml", R"(# About the file.

job:
  # How many shards.
  # More about it.
  shards: !auto/1..8 auto
  wait: !10ms..1h 1s
  name: ""
kafka:
  # Where.
  brokers: one:9092
  start: !earliest/latest/timestamp latest
  properties: {}
limits:
  amount: !0.5..1000 5.0
  memory: 64MB
  strict: true
  rules: [amount, rate]
  count: 3
log: !auto/text auto
)"};

/// A folder of its own that is gone afterwards, with one file in it.
struct settings_file {
  explicit settings_file(std::string_view text) {
    char name[] = "/tmp/leat-settings-XXXXXX";
    folder = ::mkdtemp(name);
    path = folder + "/job.yaml";
    std::ofstream{path} << text;
  }
  ~settings_file() { std::filesystem::remove_all(folder); }
  std::string folder, path;
};

const known_settings& known() {
  static const known_settings all{std::span{&toy, 1}};
  return all;
}

settings from_file(std::string_view text) {
  const settings_file file{text};
  return load_settings(known(), {file.path, {}, {}});
}

/// The complaint about a file, without the folder it lies in.
std::string complaint(std::string_view text) {
  const settings_file file{text};
  try {
    (void)load_settings(known(), {file.path, {}, {}});
  } catch (const config_error& e) {
    const std::string what = e.what();
    const auto at = what.find(file.folder + "/");
    return at == std::string::npos ? what : what.substr(0, at) + what.substr(at + file.folder.size() + 1);
  }
  return "accepted";
}

settings from_environment(std::string variable, std::string value) {
  return load_settings(known(), {"", {{std::move(variable), std::move(value)}}, {}});
}

settings from_set(std::string_view text) { return load_settings(known(), {"", {}, {parse_override(text)}}); }

} // namespace

TEST_CASE("without any source the defaults hold, and say where they stand") {
  const auto s = load_settings(known(), {});
  CHECK(s.text("kafka.brokers") == "one:9092");
  CHECK(s.at("kafka.brokers").origin == "toy.yaml:11");
  CHECK(s.bytes("limits.memory") == 64 << 20);
  CHECK(s.below("kafka.properties").empty());
}

TEST_CASE("each source wins over all before it") {
  const embedded_file application{"shop.yaml", "job: {name: from-application}\n"};
  const embedded_file both[] = {toy, application};
  const known_settings all{both};
  const settings_file file{"job: {name: from-file}\n"};
  settings_sources sources;
  CHECK(load_settings(all, sources).at("job.name").value == "from-application");
  CHECK(load_settings(all, sources).at("job.name").origin == "shop.yaml:1");
  sources.file = file.path;
  CHECK(load_settings(all, sources).at("job.name").value == "from-file");
  CHECK(load_settings(all, sources).at("job.name").origin == file.path + ":1");
  sources.environment = {{"LEAT_JOB_NAME", "from-environment"}};
  CHECK(load_settings(all, sources).at("job.name").value == "from-environment");
  CHECK(load_settings(all, sources).at("job.name").origin == "environment LEAT_JOB_NAME");
  sources.overrides = {{"job.name", "from-set", "--set"}, {"job.name", "from-later-set", "--set"}};
  CHECK(load_settings(all, sources).at("job.name").value == "from-later-set");
  CHECK(load_settings(all, sources).at("job.name").origin == "--set");
}

TEST_CASE("nested maps and dotted keys are the same key") {
  CHECK(from_file("kafka:\n  brokers: a:1\n").text("kafka.brokers") == "a:1");
  CHECK(from_file("kafka.brokers: a:1\n").text("kafka.brokers") == "a:1");
  CHECK(from_file("{kafka: {brokers: 'a:1'}}").text("kafka.brokers") == "a:1");
  CHECK(from_file("kafka:\n  properties:\n    linger.ms: 5\n    ssl: {ca: x}\n").below("kafka.properties").size() == 2);
}

TEST_CASE("a file that says nothing changes nothing") {
  for (const auto* text : {"", "# only a comment\n", "---\n", "{}"})
    CHECK(from_file(text).all().size() == known().defaults().all().size());
}

TEST_CASE("an unknown key is refused with file, line and the nearest key") {
  CHECK(complaint("job:\n  shard: 2\n") == "job.yaml:2: unknown key 'job.shard'; did you mean 'job.shards'?");
  CHECK(complaint("kakfa.brokers: x\n") == "job.yaml:1: unknown key 'kakfa.brokers'; did you mean 'kafka.brokers'?");
  CHECK(complaint("\n\nbrokers: x\n") == "job.yaml:3: unknown key 'brokers'; did you mean 'kafka.brokers'?");
  CHECK(complaint("something-else: x\n") == "job.yaml:1: unknown key 'something-else'; --help lists all keys");
}

TEST_CASE("a key that is a group takes no value, and a value has no keys below it") {
  CHECK(
    complaint("kafka: 5\n") == "job.yaml:1: kafka is a group of keys, such as kafka.brokers, and takes no value itself");
  CHECK(
    complaint("job:\n  wait:\n    min: 1s\n") == "job.yaml:3: job.wait takes 10ms..1h, so there is no key 'job.wait.min'");
  CHECK(complaint("job: {wait: {}}\n") == "job.yaml:1: job.wait: takes 10ms..1h, not a map");
  CHECK(
    complaint("kafka: {properties: 5}\n") == "job.yaml:1: kafka.properties: is a map: give the keys below it one by one");
  CHECK(
    complaint("kafka: {properties: {a: [1]}}\n") ==
    "job.yaml:1: kafka.properties.a: takes a single value, not the list [1]");
}

TEST_CASE("a value of the wrong type is refused with file, line and key") {
  CHECK(complaint("job:\n  shards: five\n") == "job.yaml:2: job.shards: 'five' is not one of: auto, 1..8");
  CHECK(complaint("limits: {count: 1.5}\n") == "job.yaml:1: limits.count: '1.5' is not an integer");
  CHECK(complaint("limits: {strict: yes}\n") == "job.yaml:1: limits.strict: 'yes' is neither true nor false");
  CHECK(complaint("limits: {amount: much}\n") == "job.yaml:1: limits.amount: 'much' is not a number");
  CHECK(
    complaint("limits: {memory: 64XB}\n") ==
    "job.yaml:1: limits.memory: '64XB' is not a size; write it as 64KB, 16MB, 1GB, or as a bare number of bytes");
  CHECK(
    complaint("job:\n  name: x\n  wait: 5\n") ==
    "job.yaml:3: job.wait: '5' has no unit; write it as 250ms, 5s, 1min, 2h or 7d");
  CHECK(complaint("log: [a, b]\n") == "job.yaml:1: log: takes a single value, not the list [a, b]");
  CHECK(complaint("kafka: {start: soon}\n") == "job.yaml:1: kafka.start: 'soon' is not one of: earliest, latest, a time");
}

TEST_CASE("a value outside its range is refused with file, line and key") {
  CHECK(complaint("job: {shards: 0}\n") == "job.yaml:1: job.shards: '0' is not one of: auto, 1..8");
  CHECK(complaint("job: {shards: 1000000}\n") == "job.yaml:1: job.shards: '1000000' is not one of: auto, 1..8");
  CHECK(complaint("job: {wait: 9ms}\n") == "job.yaml:1: job.wait: 9ms is outside 10ms..1h");
  CHECK(complaint("job: {wait: 61min}\n") == "job.yaml:1: job.wait: 61min is outside 10ms..1h");
  CHECK(complaint("limits: {amount: 0.4}\n") == "job.yaml:1: limits.amount: 0.4 is outside 0.5..1000");
}

TEST_CASE("the ends of a range, the words beside it and every form of a value are accepted") {
  for (const auto* text :
       {"job: {shards: 1}", "job: {shards: 8}", "job: {shards: auto}", "job: {shards: '3'}", "job: {wait: 10ms}",
        "job: {wait: 60min}", "limits: {amount: 1000}", "limits: {memory: 1}", "kafka: {start: earliest}",
        "kafka: {start: 2024-05-01T12:00:00Z}", "limits: {rules: []}", "limits: {rules: rate}", "job: {name: 12}"})
    CHECK(complaint(text) == "accepted");
}

TEST_CASE("a key given twice is refused with both lines, however it is written") {
  CHECK(complaint("log: text\nlog: auto\n") == "job.yaml:2: log was already given in line 1");
  CHECK(
    complaint("kafka:\n  brokers: a\njob.name: x\nkafka.brokers: b\n") ==
    "job.yaml:4: kafka.brokers was already given in line 2");
  CHECK(complaint("job: {name: a}\n\njob: {wait: 1s}\n") == "job.yaml:3: job was already given in line 1");
}

TEST_CASE("what is no configuration is refused with file and line") {
  CHECK(complaint("job: [1\n") == "job.yaml:2: not YAML: end of sequence flow not found");
  CHECK(complaint("job:\n\twait: 1s\n").starts_with("job.yaml:2: not YAML: "));
  CHECK(complaint("just text") == "job.yaml:1: expected a map of keys to values, as in `log: {level: info}`");
  CHECK(complaint("# x\n- 1\n- 2\n") == "job.yaml:2: expected a map of keys to values, as in `log: {level: info}`");
  CHECK(complaint("job:\n  name:\n") == "job.yaml:2: job.name has no value; write \"\" for an empty text");
  CHECK(complaint("? [a, b]\n: c\n") == "job.yaml:1: a key must be text");
  CHECK(complaint("log: text\n---\nlog: auto\n") == "job.yaml:3: a second document begins; a configuration is one");
  CHECK(complaint("limits: {rules: [a, [b]]}\n") == "job.yaml:1: limits.rules: item 2 of the list is not a single value");
}

TEST_CASE("a file made to exhaust the reader is refused") {
  CHECK(complaint("a: &x {b: *x}\n") == "job.yaml:1: maps are nested more than 32 deep");
  CHECK(complaint(std::string(100'000, '[')).starts_with("job.yaml:1: not YAML: "));
  CHECK(
    complaint(std::string(1024 * 1024 + 1, '#')) ==
    "cannot read the configuration file 'job.yaml': it is larger than a megabyte");
}

TEST_CASE("a tower of aliases ends at a bounded number of keys") {
  std::string tower = "a0: &a0 {x: 1, y: 2}\n";
  for (int i = 1; i < 30; ++i)
    tower += fmt::format("a{0}: &a{0} {{x: *a{1}, y: *a{1}}}\n", i, i - 1);
  CHECK(complaint(tower).ends_with(": more than 10000 keys"));
}

TEST_CASE("a file that cannot be read is refused with its name and the reason") {
  CHECK_THROWS_WITH(
    load_settings(known(), {"/nowhere/job.yaml", {}, {}}),
    "cannot read the configuration file '/nowhere/job.yaml': No such file or directory");
  CHECK_THROWS_WITH(load_settings(known(), {"/tmp", {}, {}}), "cannot read the configuration file '/tmp': Is a directory");
}

TEST_CASE("an environment variable names its key in capitals and underscores") {
  CHECK(variable_of("kafka.consumer-properties") == "LEAT_KAFKA_CONSUMER_PROPERTIES");
  CHECK(from_environment("LEAT_KAFKA_BROKERS", "x:1").text("kafka.brokers") == "x:1");
  CHECK(from_environment("LEAT_JOB_NAME", "").text("job.name").empty());
}

TEST_CASE("below an open map, an underscore of a variable is a dot") {
  const auto s = from_environment("LEAT_KAFKA_PROPERTIES_SSL_CA_LOCATION", "/x");
  CHECK(s.below("kafka.properties").at("ssl.ca.location").value == "/x");
}

TEST_CASE("an unknown environment variable is refused with the nearest one") {
  CHECK_THROWS_WITH(
    from_environment("LEAT_KAFKA_BROKER", "x"),
    "environment LEAT_KAFKA_BROKER: no setting has this variable; did you mean LEAT_KAFKA_BROKERS?");
  CHECK_THROWS_WITH(
    from_environment("LEAT_SOMETHING_ELSE_ALTOGETHER", "x"),
    "environment LEAT_SOMETHING_ELSE_ALTOGETHER: no setting has this variable; --help lists all keys");
}

TEST_CASE("a wrong type in the environment names the variable and the key") {
  CHECK_THROWS_WITH(
    from_environment("LEAT_LIMITS_COUNT", "x"), "environment LEAT_LIMITS_COUNT: limits.count: 'x' is not an integer");
  CHECK_THROWS_WITH(
    from_environment("LEAT_KAFKA_PROPERTIES", "x"),
    "environment LEAT_KAFKA_PROPERTIES: kafka.properties: is a map: give the keys below it one by one");
}

TEST_CASE("--set takes everything behind the first equals sign") {
  CHECK(
    from_set("kafka.properties.sasl.jaas.config=a=b c=").below("kafka.properties").at("sasl.jaas.config").value ==
    "a=b c=");
  CHECK(from_set("job.name=").text("job.name").empty());
}

TEST_CASE("--set is refused without a key, with an unknown one, and with a wrong value") {
  CHECK_THROWS_WITH(from_set("job.name"), "--set wants key=value, as in --set log.level=debug, not 'job.name'");
  CHECK_THROWS_WITH(from_set("=x"), "--set wants key=value, as in --set log.level=debug, not '=x'");
  CHECK_THROWS_WITH(from_set("job.nam=x"), "--set: unknown key 'job.nam'; did you mean 'job.name'?");
  CHECK_THROWS_WITH(from_set("limits.strict=1"), "--set: limits.strict: '1' is neither true nor false");
  CHECK_THROWS_WITH(
    from_set("kafka.properties.=1"), "--set: unknown key 'kafka.properties.'; did you mean 'kafka.properties'?");
}

TEST_CASE("a list comes from one variable or override by commas") {
  const std::vector<std::string> two{"a", "b c"};
  CHECK(from_set("limits.rules=a, b c").list("limits.rules") == two);
  CHECK(from_environment("LEAT_LIMITS_RULES", "a,b c").list("limits.rules") == two);
  CHECK(from_set("limits.rules=").list("limits.rules").empty());
  CHECK(from_file("limits:\n  rules:\n  - a\n  - b c\n").list("limits.rules") == two);
}

TEST_CASE("an application's defaults add keys, replace defaults and fill open maps") {
  const embedded_file shop{
    "shop.yaml", "rules:\n  # Largest.\n  limit: 5.5\nlog: text\nkafka.properties: {linger.ms: 5}\n"};
  const embedded_file both[] = {toy, shop};
  const known_settings all{both};
  const auto s = load_settings(all, {"", {{"LEAT_RULES_LIMIT", "7"}}, {}});
  CHECK(s.number("rules.limit") == 7);
  CHECK(s.text("log") == "text");
  CHECK(s.below("kafka.properties").at("linger.ms").value == "5");
}

TEST_CASE("an application's defaults are held to the types of Leat's") {
  const embedded_file wrong{"shop.yaml", "\nlimits: {count: many}\n"};
  const embedded_file both[] = {toy, wrong};
  CHECK_THROWS_WITH(known_settings{both}, "shop.yaml:2: limits.count: 'many' is not an integer");
}

TEST_CASE("two keys that would share an environment variable are refused") {
  const embedded_file clash{"shop.yaml", "job-name: x\n"};
  const embedded_file both[] = {toy, clash};
  CHECK_THROWS_WITH(known_settings{both}, "shop.yaml:1: job-name: would share LEAT_JOB_NAME with job.name; rename it");
}

TEST_CASE("a default that contradicts its own tag is refused") {
  for (const auto* text : {"a: !1..8 9", "a: !x/y z", "a: !1../2.. 3", "a: !x..y z", "a: !1s..5 2s", "a: !/x x"}) {
    const embedded_file wrong{"shop.yaml", text};
    CHECK_THROWS_AS((known_settings{std::span{&wrong, 1}}), config_error);
  }
}

TEST_CASE("the summary of a key is the first line of the comment right above it") {
  CHECK(known().all().at(0).summary == "How many shards.");
  CHECK(known().all().at(1).summary.empty());
  CHECK(known().all().at(3).summary == "Where.");
}

TEST_CASE("every default of Leat is explained, and passes its own type") {
  const known_settings all{std::span{&embedded::defaults, 1}};
  CHECK(all.all().size() > 20);
  for (const auto& key : all.all()) {
    INFO(key.key);
    CHECK_THAT(key.summary, Catch::EndsWith(".")); // --help shows this line and no more
    if (key.type.kind() != value_kind::open_map)
      CHECK_NOTHROW(key.type.check(key.key, key.default_value));
  }
}

TEST_CASE("parallelism 0 and a million are refused by the real defaults") {
  const known_settings all{std::span{&embedded::defaults, 1}};
  for (const auto* wrong : {"0", "1000000", "-1"})
    CHECK_THROWS_WITH(
      load_settings(all, {"", {}, {{"job.parallelism", wrong, "--parallelism"}}}),
      "--parallelism: job.parallelism: '" + std::string{wrong} + "' is not one of: auto, 1..32768");
}

TEST_CASE("a program that shares a file and the environment with others reads its part only") {
  const settings_file file{"kafka:\n  brokers: two:9092\nrules:\n  another: program's\njob.shards: 3"};
  const auto config = load_settings(
    known(), {file.path,
              {{"LEAT_KAFKA_START", "earliest"}, {"LEAT_RULES_ANOTHER", "1"}},
              {{"job.wait", "2s", "--set"}},
              {"kafka."}});
  CHECK(config.text("kafka.brokers") == "two:9092");
  CHECK(config.text("kafka.start") == "earliest");
  CHECK(config.text("job.shards") == "auto");
  CHECK(config.text("job.wait") == "2s");
  const settings_file wrong{"kafka:\n  broker: two:9092"};
  CHECK_THROWS_AS(load_settings(known(), {wrong.path, {}, {}, {"kafka."}}), config_error);
}
