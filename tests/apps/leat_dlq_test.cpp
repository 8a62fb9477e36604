#include <leat/apps/leat/dlq/dlq.hpp>
#include <leat/apps/leat/dlq/dlq_replay.hpp>
#include <leat/apps/leat/dlq/payload_edit.hpp>
#include <leat/apps/leat/dlq/replayed_offsets.hpp>
#include <leat/base/error.hpp>
#include <leat/tests/apps/letters_fixture.hpp>

#include <catch2/catch.hpp>

#include <csignal>
#include <set>

using namespace leat;
using namespace leat::testing;
using Catch::Contains;
using cli::replayed_offsets;

TEST_CASE("which letters were sent is known to each of them, in any order") {
  std::set<std::int64_t> model;
  replayed_offsets sent;
  for (std::int64_t i = 0, offset = 3; i < 60; ++i, offset = (offset * 7 + 5) % 61) {
    sent.add(offset);
    model.insert(offset);
    sent = replayed_offsets{sent.next(), sent.metadata()};
    for (std::int64_t o = 0; o < 61; ++o)
      REQUIRE(sent.contains(o) == model.contains(o));
  }
}

TEST_CASE("what was replayed is written as its format says") {
  replayed_offsets sent;
  for (const auto offset : {0, 1, 2, 3, 4, 6, 8, 10, 9, 11, 8})
    sent.add(offset);
  CHECK(sent.next() == 5);
  CHECK(sent.metadata() == "leat-replay:1:6,8-11");
  sent.add(5);
  CHECK(sent.next() == 7);
  sent.skip_to(9);
  CHECK(sent.next() == 12);
  CHECK(sent.metadata().empty());
  for (const auto* const wrong :
       {"leat:1:5", "leat-replay:1:7-", "leat-replay:1:7,", "leat-replay:1:9,7", "leat-replay:1:3", "leat-replay:1:7x"})
    CHECK_THROWS_AS((replayed_offsets{5, wrong}), state_error);
}

TEST_CASE("a payload goes through a program, whole, and what fails is told") {
  std::signal(SIGPIPE, SIG_IGN); // as `leat` does
  const auto edited = [](const std::string& command, std::string_view payload) {
    return cli::edit_payload(command, payload, 10s);
  };
  CHECK(edited("tr a b", "aaa").bytes == "bbb");
  CHECK(edited("cat; echo", "a").bytes == "a");
  CHECK(edited("cat", "a\n").bytes == "a\n");
  CHECK(edited("cat", "").problem.empty());
  const std::string large(1'000'000, 'x');
  CHECK(edited("cat", large).bytes == large);
  CHECK(edited("head -c 3", large).bytes == "xxx");
  CHECK(edited("exit 3", "a").problem == "--edit has failed with 3");
  CHECK(edited("true", "a").problem == "--edit gives nothing");
  CHECK(edited("kill -9 $$", "a").problem == "--edit was ended by signal 9");
  CHECK(cli::edit_payload("exec sleep 60", "a", 50ms).problem == "--edit takes too long");
  CHECK(cli::edit_payload("cat; exec >&-; sleep 60", "a", 50ms).problem == "--edit takes too long");
  CHECK(cli::edit_payload("cat | sleep 60", "a", 50ms).problem == "--edit takes too long");
  CHECK(cli::edit_payload("sleep 60", "a", 1h, [] { return true; }).problem == "--edit takes too long");
}

TEST_CASE("letters are chosen by reason, step and offset, and reasons counted by their kind") {
  cli::letter l;
  l.reason = "field `n`: expected a number, found \"12\"";
  l.step = "parse";
  l.record.from.number = 2;
  l.record.offset = 7;
  const auto wanted = [&](const cli::letter_filter& filter) { return filter.wants(l); };
  CHECK(wanted({}));
  CHECK(wanted({.reason = "a number", .step = "parse", .number = 2, .first = 7, .last = 7}));
  CHECK_FALSE(wanted({.reason = "late"}));
  CHECK_FALSE(wanted({.step = "pars"}));
  CHECK_FALSE(wanted({.number = 1}));
  CHECK_FALSE(wanted({.first = 8}));
  CHECK_FALSE(wanted({.last = 6}));
  CHECK(cli::kind_of_reason(l.reason) == "field `n`: expected a number, found \"…\"");
  CHECK(cli::kind_of_reason("a \"b") == "a \"b");
  CHECK(cli::letters_of("t") == "t-dlq");
  CHECK(cli::letters_of("t-dlq") == "t-dlq");
  CHECK(cli::replay_group({.topic = "t-dlq", .filter = {}, .to = "u", .edit = {}, .group = {}}) == "t-dlq-replay-to-u");
}

TEST_CASE("offsets of letters say which partition is meant, and are as large as Kafka's") {
  const topic_facts one{"t-dlq", {{.number = 0, .replicas = {}}}};
  const topic_facts two{"t-dlq", {{.number = 0, .replicas = {}}, {.number = 1, .replicas = {}}}};
  const cli::letter_filter seventh{.first = 7, .last = 7};
  CHECK(seventh.partitions_of(one).size() == 1);
  CHECK_THROWS_WITH(seventh.partitions_of(two), Contains("say with --partition which one is meant"));
  CHECK(cli::letter_filter{.number = 1, .first = 7, .last = 7}.partitions_of(two) == std::vector{partition{"t-dlq", 1}});
  CHECK(cli::letter_filter{}.partitions_of(two).size() == 2);
  CHECK_THROWS_WITH((cli::letter_filter{.number = 2}.partitions_of(two)), Contains("2 partitions"));
  const auto told = [](const std::string& offset) {
    return leat_fixture{}.leat({"dlq", "show", "t", "--offset", offset, "--brokers", "nobody:1"});
  };
  CHECK(told("-1").exit == 2);
  CHECK_THAT(told("9-8").err, Contains("the last one comes before the first"));
  CHECK(told("9223372036854775808").exit == 2);
}

TEST_CASE_METHOD(some_letters, "dead letters are counted by reason and shown with all that is known", "[.real]") {
  CHECK_THAT(
    output({"dlq", "list", "--json"}), Contains(
                                         R"({"topic":")" + letters +
                                         R"(","offsets":3,"reasons":[{"step":"parse","reason":"no number","count":2},)"
                                         R"({"step":"clean","reason":"too late","count":1}]})"));
  CHECK_THAT(output({"dlq", "list"}), Contains(letters) && Contains("too late"));
  const auto shown = output({"dlq", "show", name, "--step", "clean"});
  CHECK_THAT(
    shown, Contains("reason   too late\n  cause    no time\n  cause    no clock\n") &&
             Contains("source   " + name + "/1 offset 7") && Contains("payload  c\n") && !Contains("no number"));
  CHECK_THAT(
    output({"dlq", "show", letters, "--offset", "1-2", "--limit", "1", "--json"}),
    Contains(R"("reason":"no number")") && Contains(R"("payload":"b")") && !Contains(R"("payload":"c")"));
  CHECK(output({"dlq", "show", letters, "--offset", "5000000000-9223372036854775807"}).empty());
}
