#include <leat/apps/leat/kafka/lag.hpp>
#include <leat/apps/leat/leat_command.hpp>
#include <leat/connectors/kafka/kafka_admin.hpp>
#include <leat/connectors/kafka/simple_clients.hpp>
#include <leat/tests/apps/leat_kafka_fixture.hpp>
#include <leat/tests/kafka/transactions.hpp>

#include <catch2/catch.hpp>

#include <algorithm>

using namespace leat;
using namespace leat::testing;
using Catch::Contains;

namespace {

/// Three records in the first partition, one in the second, a second apart.
struct four_records : leat_kafka_fixture {
  four_records() {
    kafka_feeder feeder{brokers};
    for (int i = 0; i < 3; ++i)
      feeder.send(name, "k" + std::to_string(i), "v" + std::to_string(i), 0, from_millis(1'700'000'000'000 + i * 1000));
    feeder.send(name, "k9", std::nullopt, 1, from_millis(1'700'000'001'000));
    feeder.flush();
  }

  /// The keys of what is printed.
  std::string keys(std::vector<std::string> options) const {
    options.insert(options.begin(), {"consume", name, "--json"});
    const auto text = output(options);
    std::vector<std::string> found;
    for (auto at = text.find("\"key\":\"k"); at != std::string::npos; at = text.find("\"key\":\"k", at + 1))
      found.push_back(text.substr(at + 8, 1));
    std::ranges::sort(found); // partitions come as they like
    std::string all;
    for (const auto& key : found)
      all += key;
    return all;
  }

  const std::string name = topic("tools", 2);
};

} // namespace

TEST_CASE("how far a group is behind counts what is there") {
  using cli::partition_lag;
  const auto lag = [](std::optional<std::int64_t> next) { return partition_lag{"g", {{"t", 0}, 10, 30, ""}, next}; };
  CHECK(lag(25).lag() == 5);
  CHECK(lag(25).note().empty());
  CHECK(lag(5).lag() == 20);
  CHECK_THAT(lag(5).note(), Contains("5 are gone unread"));
  CHECK(lag(31).lag() == 0);
  CHECK_THAT(lag(31).note(), Contains("created anew?"));
  CHECK(lag(std::nullopt).lag() == std::nullopt);
  CHECK(partition_lag{"g", {{"t", 0}, -1, -1, "no leader"}, 5}.note() == "no leader");
}

TEST_CASE("what consume is asked for is checked before a broker is asked") {
  const auto refused = [](std::vector<std::string> arguments, const std::string& why) {
    arguments.insert(arguments.begin(), {"consume", "t", "--brokers", "nobody:1"});
    const auto result = leat_fixture{}.leat(arguments);
    CHECK(result.exit == 2);
    CHECK_THAT(result.err, Contains(why));
  };
  refused({"--from", "first"}, "--from first: expected earliest");
  refused({"--from", "latest", "--last", "3"}, "one of them says where to begin");
  refused({"--commit"}, "it wants --group");
  refused({"--raw", "--json"}, "--raw and --json: one of them");
  refused({"--partition", "x"}, "--partition: ");
}

TEST_CASE_METHOD(four_records, "records are read from where somebody says, to the end", "[.real]") {
  CHECK(keys({}) == "0129");
  CHECK(keys({"--from", "latest"}).empty());
  CHECK(keys({"--from", "1"}) == "12");
  CHECK(keys({"--last", "1"}) == "29");
  CHECK(keys({"--from", "2023-11-14T22:13:21Z"}) == "129");
  CHECK(keys({"--partition", "1"}) == "9");
  CHECK(keys({"--partition", "0", "--limit", "2"}) == "01");
  CHECK_THAT(leat({"consume", name, "--partition", "2"}).err, Contains("has 2 partitions, from 0 on"));
  CHECK_THAT(leat({"consume", name, "--from", "latest"}).err, Contains("leat: 0 records"));
}

TEST_CASE_METHOD(four_records, "a group begins where it has stopped, and lag says how far behind it is", "[.real]") {
  const auto group = fresh_topic("group");
  CHECK(keys({"--group", group}) == "0129");
  CHECK(keys({"--group", group, "--partition", "0", "--limit", "1", "--commit"}) == "0");
  CHECK(keys({"--group", group, "--partition", "0"}) == "12");
  const auto lag = output({"lag", group, "--json"});
  CHECK_THAT(lag, Contains(R"("partition":0,"committed":1,"begin":0,"end":3,"lag":2})"));
  CHECK_THAT(lag, Contains(R"("partition":1,"begin":0,"end":1,"note":"nothing committed"})"));
  CHECK_THAT(output({"lag", "--topic", name}), Contains(group));
  const auto nobody = leat({"lag", group + "x"});
  CHECK(nobody.exit == cli::command_nothing);
  CHECK_THAT(nobody.err, Contains("has committed nothing"));
}

TEST_CASE_METHOD(four_records, "people see a table, programs the values as they are", "[.real]") {
  CHECK_THAT(output({"consume", name, "--partition", "1"}), Contains("KEY  VALUE\n") && Contains("k9   (tombstone)\n"));
  CHECK(output({"consume", name, "--raw", "--partition", "0"}) == "v0\nv1\nv2\n");
  CHECK(output({"consume", name, "--raw", "--partition", "1"}).empty());
}

TEST_CASE_METHOD(leat_kafka_fixture, "an offset that is gone is told with what there is", "[.real]") {
  const auto name = topic("tools");
  kafka_feeder feeder{brokers};
  for (int i = 0; i < 3; ++i)
    feeder.send(name, std::nullopt, "v");
  feeder.flush();
  kafka_admin{brokers}.delete_records(name, 0, 2);
  const auto result = leat({"consume", name, "--from", "0"});
  CHECK(result.exit == 1);
  CHECK_THAT(result.err, Contains("offset 0 of " + name + "/0 is gone: the first one there is 2"));
}

TEST_CASE_METHOD(leat_kafka_fixture, "only what is committed is read, unless somebody asks for more", "[.real]") {
  const auto name = topic("tools");
  transaction_writer writer{brokers, name};
  writer.commit({"a"});
  writer.abort({"b"});
  writer.begin({"c"});
  const auto committed = leat({"consume", name, "--raw"});
  CHECK(committed.out == "a\n");
  CHECK_THAT(committed.err, Contains("1 offset from 4 on, behind the begin of an open transaction"));
  CHECK(output({"consume", name, "--raw", "--read-uncommitted"}) == "a\nb\nc\n");
}
