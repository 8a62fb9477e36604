#include "../support/servers/kafka_proxy.hpp"

#include <leat/tests/apps/letters_fixture.hpp>
#include <leat/tests/support/process.hpp>
#include <leat/tests/support/wait_until.hpp>

#include <catch2/catch.hpp>

#include <csignal>
#include <filesystem>
#include <memory>

using namespace leat;
using namespace leat::testing;
using Catch::Contains;

namespace {

/// A replay in a process of its own, which stands still before its first letter until it is let go.
struct held_replay : some_letters {
  std::unique_ptr<process> start(std::vector<std::string> more = {}) {
    std::vector<std::string> command{LEAT_COMMAND, "dlq", "replay", name, "--edit", wait_then_pass};
    if (std::ranges::find(more, "--brokers") == more.end())
      more.insert(more.end(), {"--brokers", brokers});
    command.insert(command.end(), more.begin(), more.end());
    auto started = std::make_unique<process>(command, folder.path("replay.log"));
    wait_until("its first letter", 30s, [&] { return std::filesystem::exists(folder.path("begun")); });
    return started;
  }

  void let_go() const { (void)file("go", ""); }

  std::string said() const { return folder.text("replay.log"); }

  const std::string wait_then_pass =
    "touch " + folder.path("begun") + "; until test -e " + folder.path("go") + "; do sleep 0.02; done; cat";
};

} // namespace

TEST_CASE_METHOD(some_letters, "each letter is replayed once, whatever was chosen before", "[.real]") {
  const auto first = replay({"--step", "clean"});
  CHECK(first.exit == 0);
  CHECK(held() == "c\n");
  CHECK_THAT(replay({"--dry-run"}).out, Contains("would send letter 0 of " + letters + "/0 to " + name + ": a"));
  CHECK(held() == "c\n");
  CHECK_THAT(replay({}).err, Contains("2 sent, 0 failed, 1 were sent before"));
  CHECK(held() == "c\na\nb\n");
  CHECK_THAT(replay({}).err, Contains("0 sent, 0 failed, 3 were sent before"));
  CHECK(held() == "c\na\nb\n");
  write("again", "parse", "d");
  CHECK_THAT(replay({"--json"}).out, Contains(R"("letter_offset":3,"to":")" + name + R"(","sent":true)"));
  CHECK(held() == "c\na\nb\nd\n");
}

TEST_CASE_METHOD(
  some_letters, "payloads are edited on their way, and one that cannot be is told and sent later", "[.real]") {
  const auto result = replay({"--edit", "grep -v b | tr a-z A-Z"});
  CHECK(result.exit == 1);
  CHECK_THAT(result.err, Contains("letter 1 of " + letters + "/0 was not sent: --edit gives nothing"));
  CHECK(held() == "A\nC\n");
  CHECK(replay({}).exit == 0);
  CHECK(held() == "A\nC\nb\n");
}

TEST_CASE_METHOD(some_letters, "another topic remembers for itself, and what is not whole is not sent", "[.real]") {
  const auto other = topic("tools");
  CHECK(replay({"--to", other}).exit == 0);
  CHECK(output({"consume", other, "--raw"}) == "a\nb\nc\n");
  CHECK(held().empty());
  write("too large", "parse", "x", {"--header", "leat.truncated=1000"});
  write("no form", "clean", "NULL", {"--null", "NULL", "--header", "leat.offset=-1"});
  const auto cut = replay({"--offset", "3"});
  CHECK(cut.exit == 1);
  CHECK_THAT(cut.err, Contains("it was cut, and is not whole; the original is at " + name + "/1 offset 7"));
  CHECK_THAT(replay({"--offset", "4"}).err, Contains("it holds no value"));
  CHECK_THAT(replay({"--to", other + "x"}).err, Contains("Did you mean " + other + "?"));
}

TEST_CASE_METHOD(held_replay, "of two replays at once into one group the later one sends, each letter once", "[.real]") {
  const auto earlier = start();
  CHECK_THAT(replay({"--dry-run"}).err, Contains("3 would be sent")); // takes nothing over
  CHECK_THAT(replay({}).err, Contains("3 sent, 0 failed, 0 were sent before"));
  let_go();
  CHECK(earlier->wait() == 1);
  CHECK_THAT(said(), Contains("another program sends with this group now"));
  CHECK(held() == "a\nb\nc\n");
}

TEST_CASE_METHOD(held_replay, "what a killed replay has sent is taken back, and sent once by the next", "[.real]") {
  constexpr std::int16_t store_offsets = 28; // Kafka's number of the request
  const auto& kafka = kafka_server::shared();
  kafka_proxy proxy{kafka.proxy_port(), kafka.proxied_port()};
  const auto killed = start({"--brokers", kafka.proxied_brokers()});
  proxy.delay_answer_to(store_offsets);
  let_go();
  wait_until(
    "a transaction with letters", 30s, [&] { return proxy.delays(); }, 20ms, [&] { return said(); });
  killed->signal(SIGKILL);
  CHECK(killed->wait() == 128 + SIGKILL);
  CHECK_THAT(replay({}).err, Contains("3 sent, 0 failed, 0 were sent before"));
  CHECK(held() == "a\nb\nc\n");
}

TEST_CASE_METHOD(held_replay, "Ctrl-C ends a replay towards a broker that is silent, though its queue is full", "[.real]") {
  constexpr std::int16_t produce = 0;
  const auto& kafka = kafka_server::shared();
  kafka_proxy proxy{kafka.proxy_port(), kafka.proxied_port()};
  const auto waiting =
    start({"--brokers", kafka.proxied_brokers(), "--set", "kafka.producer-properties.queue.buffering.max.messages=1"});
  proxy.delay_answer_to(produce);
  let_go();
  wait_until(
    "a letter under way", 30s, [&] { return proxy.delays(); }, 20ms, [&] { return said(); });
  waiting->signal(SIGINT);
  wait_until(
    "its end", 20s, [&] { return !waiting->running(); }, 20ms, [&] { return said(); });
  CHECK(waiting->wait() == 1);
  CHECK_THAT(said(), Contains("it was ended before the brokers have answered"));
  CHECK(replay({}).exit == 0);
  CHECK(held() == "a\nb\nc\n");
}

TEST_CASE_METHOD(
  some_letters, "letters that Kafka refuses are told, those around them are sent and remembered", "[.real]") {
  const auto small = fresh_topic("tools");
  output({"topics", "create", small, "max.message.bytes=1000"});
  write("too large for it", "parse", std::string(5000, 'x'));
  write("last", "parse", "d");
  const auto result = replay({"--to", small});
  CHECK(result.exit == 1);
  CHECK_THAT(result.err, Contains("letter 3 of " + letters + "/0 was not sent: larger than the topic takes"));
  CHECK_THAT(result.err, Contains("4 sent, 1 failed, 0 were sent before"));
  CHECK(output({"consume", small, "--raw"}) == "a\nb\nc\nd\n");
  CHECK_THAT(replay({"--to", small}).err, Contains("0 sent, 1 failed, 4 were sent before"));
}
