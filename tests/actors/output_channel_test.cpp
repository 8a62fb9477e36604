#include <leat/actors/output_channel.hpp>

#include <leat/base/error.hpp>
#include <leat/tests/support/task_fakes.hpp>

#include <catch2/catch.hpp>

#include <random>

using namespace leat;
using namespace leat::testing;

namespace {

struct channel_fixture {
  explicit channel_fixture(std::uint32_t credit) : channel{7, credit, mailbox.link(), sender} {}

  void send(std::int64_t value) { channel.send(batch_of<std::int64_t>({{value, value}})); }

  flow sender;
  fake_mailbox mailbox;
  output_channel channel;
};

std::pair<input_id, std::uint64_t> label(const fake_mailbox::message& m) {
  return std::visit([](const auto& x) { return std::pair{x.input, x.sequence}; }, m);
}

} // namespace

TEST_CASE("batches and signals go out in order, numbered from one") {
  channel_fixture c{8};
  c.send(1);
  c.channel.send(watermark(5));
  c.send(2);
  REQUIRE(c.mailbox.waiting.size() == 3);
  for (std::uint64_t i = 0; i < 3; ++i)
    CHECK(label(c.mailbox.waiting[i]) == std::pair{input_id{7}, i + 1});
  CHECK(c.mailbox.told() == story{"1@1", "watermark 5", "2@2"});
}

TEST_CASE("without credit a batch waits and blocks the sender") {
  channel_fixture c{1};
  c.send(1);
  CHECK_FALSE(c.sender.blocked());
  CHECK_FALSE(c.channel.has_credit());
  c.send(2);
  CHECK(c.sender.blocked());
  CHECK(c.mailbox.told() == story{"1@1"});
}

TEST_CASE("a signal never waits for credit, only behind a batch that does") {
  channel_fixture c{1};
  c.send(1);
  c.channel.send(signal::barrier(1));
  c.send(2);
  c.channel.send(signal::barrier(2));
  CHECK(c.mailbox.told() == story{"1@1", "barrier 1"});
  c.channel.refund(1);
  CHECK(c.mailbox.told() == story{"2@2", "barrier 2"});
}

TEST_CASE("the sender goes on when the last waiting batch is gone, not before") {
  channel_fixture c{1};
  for (const auto value : {1, 2, 3})
    c.send(value);
  c.channel.refund(1);
  CHECK(c.sender.blocked());
  c.channel.refund(1);
  CHECK_FALSE(c.sender.blocked());
  CHECK(c.mailbox.told() == story{"1@1", "2@2", "3@3"});
}

TEST_CASE("a channel has no credit for others while batches of its own wait") {
  channel_fixture c{2};
  for (const auto value : {1, 2, 3, 4})
    c.send(value);
  c.channel.refund(1);
  CHECK_FALSE(c.channel.has_credit());
  c.channel.refund(2);
  CHECK(c.channel.has_credit());
}

TEST_CASE("more credit than was spent is refused") {
  channel_fixture c{2};
  c.send(1);
  CHECK_THROWS_AS(c.channel.refund(2), protocol_error);
}

TEST_CASE("in random use a mailbox never holds more than the credit, and nothing is lost or overtaken") {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    std::mt19937 random{seed};
    const std::uint32_t credit = 1 + random() % 4;
    channel_fixture c{credit};
    story sent;
    story received;
    std::uint32_t unfinished = 0;
    for (std::int64_t i = 0; i < 200; ++i) {
      const auto action = random() % 3;
      if (action == 0 && !c.sender.blocked()) {
        c.send(i);
        sent.push_back(std::to_string(i) + '@' + std::to_string(i));
      } else if (action == 1) {
        c.channel.send(watermark(i));
        sent.push_back("watermark " + std::to_string(i));
      } else if (unfinished + c.mailbox.batches() != 0) {
        unfinished += static_cast<std::uint32_t>(c.mailbox.batches());
        for (const auto& what : c.mailbox.told())
          received.push_back(what);
        --unfinished;
        c.channel.refund(1);
      }
      REQUIRE(unfinished + c.mailbox.batches() <= credit);
      REQUIRE(c.channel.has_credit() == (unfinished + c.mailbox.batches() < credit));
    }
    c.channel.refund(unfinished + static_cast<std::uint32_t>(c.mailbox.batches()));
    for (const auto& what : c.mailbox.told())
      received.push_back(what);
    REQUIRE(received == sent);
  }
}

TEST_CASE("a barrier that overtakes goes ahead of what waits, and an older one that waits not at all") {
  channel_fixture c{1};
  c.send(0);
  c.send(1);
  c.channel.send(signal::barrier(1));
  c.channel.send(watermark(5));
  CHECK_FALSE(c.channel.passed(1));
  c.channel.send(signal::overtaking_barrier(2));
  CHECK(c.mailbox.told() == story{"0@0", "barrier 2"});
  CHECK(c.channel.passed(2));
  CHECK(c.channel.backlogged());
}

TEST_CASE("a barrier that waits is pulled forward, and nothing goes behind the end") {
  channel_fixture c{1};
  c.send(0);
  c.send(1);
  c.channel.send(signal::barrier(1));
  c.channel.send(signal::end());
  c.channel.send(watermark(9));
  c.channel.pull_forward(1);
  CHECK(c.mailbox.told() == story{"0@0", "barrier 1"});
  c.channel.pull_forward(1);
  CHECK(c.mailbox.empty());
}
