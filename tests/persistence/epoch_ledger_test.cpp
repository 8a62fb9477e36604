#include <leat/persistence/epoch_ledger.hpp>
#include <leat/tests/support/stream_text.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using leat::testing::to_text;

namespace {

/// An `epoch_ledger`, and what it decides as text: "settle 1 at 20", "commit 1 at 20", "" for nothing.
struct ledger_fixture {
  explicit ledger_fixture(std::set<actor_id> sinks, timestamp settled = min_timestamp)
    : ledger{std::move(sinks), settled} {}

  std::string arrived(actor_id sink, std::uint64_t epoch, std::int64_t settles_at, std::int64_t watermark) {
    return text(ledger.on_arrived({sink, epoch, from_millis(settles_at), from_millis(watermark)}));
  }
  std::string settled(actor_id sink, std::uint64_t epoch) { return text(ledger.on_settled({sink, epoch})); }
  std::string ended(actor_id sink, timestamp watermark) {
    const auto decided = ledger.on_ended({sink, watermark});
    std::string all;
    for (const auto& request : decided.settle)
      all += text(std::optional{request}) + ' ';
    return all + text(decided.commit);
  }

  /// What the ledger waits for: "epoch 1: barrier at 1 2", "epoch 1: settled 20 at 2".
  [[nodiscard]] std::string waits_for() const {
    const auto wait = ledger.waits_for();
    if (!wait)
      return "";
    auto all =
      "epoch " + std::to_string(wait->epoch) + (wait->settled ? ": settled " + to_text(*wait->settled) : ": barrier");
    all += " at";
    for (const auto sink : wait->sinks)
      all += ' ' + std::to_string(sink);
    return all;
  }

  static std::string text(const std::optional<settle_epoch>& s) {
    return s ? "settle " + std::to_string(s->epoch) + " at " + to_text(s->settled) : "";
  }
  static std::string text(const std::optional<commit_epoch>& c) {
    return c ? "commit " + std::to_string(c->epoch) + " at " + to_text(c->settled) : "";
  }

  epoch_ledger ledger;
};

} // namespace

TEST_CASE("an epoch is settled at the time its barrier came with, and then committed") {
  ledger_fixture f{{1}};
  CHECK(f.ledger.begin() == 1);
  CHECK(f.arrived(1, 1, 20, 5) == "settle 1 at 20");
  CHECK(f.settled(1, 1) == "commit 1 at 20");
  CHECK(f.ledger.next() == 2);
}

TEST_CASE("one epoch is under way until it is committed") {
  ledger_fixture f{{1}};
  CHECK(f.ledger.idle());
  f.ledger.begin();
  CHECK_FALSE(f.ledger.idle());
  f.arrived(1, 1, 20, 5);
  CHECK_FALSE(f.ledger.idle());
  f.settled(1, 1);
  CHECK(f.ledger.idle());
}

TEST_CASE("all sinks settle by the latest time that any of them has reported") {
  ledger_fixture f{{1, 2}};
  f.ledger.begin();
  CHECK(f.arrived(1, 1, 20, 5).empty());
  CHECK(f.arrived(2, 1, 35, 5) == "settle 1 at 35");
}

TEST_CASE("a commit waits for the last sink, however fast the others are") {
  ledger_fixture f{{1, 2, 3}};
  f.ledger.begin();
  for (const actor_id sink : {1U, 2U, 3U})
    f.arrived(sink, 1, 20, 5);
  CHECK(f.settled(3, 1).empty());
  CHECK(f.settled(1, 1).empty());
  CHECK(f.settled(1, 1).empty()); // the same sink again counts once
  CHECK(f.settled(2, 1) == "commit 1 at 20");
}

TEST_CASE("what all sinks have seen fired is settled even when no window is open") {
  ledger_fixture f{{1, 2}};
  f.ledger.begin();
  f.arrived(1, 1, 3, 50);
  CHECK(f.arrived(2, 1, 7, 40) == "settle 1 at 40");
}

TEST_CASE("a job without windows or watermarks settles at once") {
  ledger_fixture f{{1}};
  f.ledger.begin();
  const auto s = f.ledger.on_arrived({1, 1, min_timestamp, min_timestamp});
  REQUIRE(s);
  CHECK(s->settled == min_timestamp);
}

TEST_CASE("settled time never goes back, also not behind an earlier run") {
  ledger_fixture f{{1}, from_millis(100)};
  f.ledger.begin();
  CHECK(f.arrived(1, 1, 20, 5) == "settle 1 at 100");
  CHECK(f.settled(1, 1) == "commit 1 at 100");
  f.ledger.begin();
  f.arrived(1, 2, 130, 5);
  f.settled(1, 2);
  f.ledger.begin();
  CHECK(f.arrived(1, 3, 110, 5) == "settle 3 at 130");
}

TEST_CASE("the watermark at the end of a bounded stream is no event time to settle at") {
  ledger_fixture f{{1}};
  f.ledger.begin();
  CHECK(ledger_fixture::text(f.ledger.on_arrived({1, 1, from_millis(20), max_timestamp})) == "settle 1 at 20");
}

TEST_CASE("a later epoch that is complete takes the earlier one with it") {
  ledger_fixture f{{1}};
  f.ledger.begin();
  f.arrived(1, 1, 50, 5);
  CHECK(f.ledger.begin() == 2);
  f.arrived(1, 2, 60, 5);
  CHECK(f.settled(1, 2) == "commit 2 at 60");
  CHECK(f.ledger.idle());
  CHECK(f.settled(1, 1).empty());
  CHECK(f.arrived(1, 1, 50, 5).empty());
}

TEST_CASE("a stop commits the last epoch when none of its windows is open") {
  ledger_fixture f{{1, 2}};
  f.ledger.begin();
  f.arrived(1, 1, 20, 30);
  f.arrived(2, 1, 20, 30);
  CHECK(f.ended(1, from_millis(30)).empty());
  CHECK_FALSE(f.ledger.ended());
  CHECK(f.ended(2, from_millis(31)) == "commit 1 at 30");
  CHECK(f.ledger.ended());
}

TEST_CASE("a stop does not commit an epoch whose windows are still open at some sink") {
  ledger_fixture f{{1, 2}};
  f.ledger.begin();
  f.arrived(1, 1, 60, 30);
  f.arrived(2, 1, 60, 30);
  CHECK(f.ended(1, from_millis(70)).empty());
  CHECK(f.ended(2, from_millis(59)).empty());
}

TEST_CASE("a stop commits the latest epoch that has fired in full, of two under way") {
  ledger_fixture f{{1}};
  f.ledger.begin();
  f.arrived(1, 1, 20, 5);
  f.ledger.begin();
  f.arrived(1, 2, 60, 5);
  CHECK(f.ended(1, from_millis(40)) == "commit 1 at 40");
}

TEST_CASE("a stop does not commit an epoch whose barrier never came to one of the sinks") {
  ledger_fixture f{{1, 2}};
  f.ledger.begin();
  f.arrived(1, 1, 5, 5);
  CHECK(f.ended(1, from_millis(30)).empty());
  CHECK(f.ended(2, from_millis(30)).empty());
}

TEST_CASE("the end of a complete stream commits what was under way") {
  ledger_fixture f{{1}};
  f.ledger.begin();
  f.arrived(1, 1, 20, 5);
  CHECK(f.ended(1, max_timestamp) == "commit 1 at 20");
}

TEST_CASE("a sink that has ended is not waited for in later epochs") {
  ledger_fixture f{{1, 2}};
  CHECK(f.ended(1, max_timestamp).empty());
  f.ledger.begin();
  CHECK(f.arrived(2, 1, 20, 5) == "settle 1 at 20");
  CHECK(f.settled(2, 1) == "commit 1 at 20");
}

TEST_CASE("a sink that ends while its barrier is awaited lets the others settle") {
  ledger_fixture f{{1, 2}};
  f.ledger.begin();
  CHECK(f.arrived(2, 1, 20, 5).empty());
  CHECK(f.ended(1, max_timestamp) == "settle 1 at 20 ");
  CHECK(f.settled(2, 1) == "commit 1 at 20");
}

TEST_CASE("a sink that ends as the last to settle an epoch completes it") {
  ledger_fixture f{{1, 2}};
  f.ledger.begin();
  f.arrived(1, 1, 20, 5);
  f.arrived(2, 1, 30, 5);
  CHECK(f.settled(2, 1).empty());
  CHECK(f.ended(1, max_timestamp) == "commit 1 at 30");
  CHECK(f.ledger.idle());
}

TEST_CASE("a sink that was stopped counts for what had fired there, and for no more") {
  for (const bool enough : {true, false}) {
    ledger_fixture f{{1, 2}};
    f.ledger.begin();
    f.arrived(1, 1, 20, 5);
    f.arrived(2, 1, 20, 5);
    f.ended(1, from_millis(enough ? 20 : 19));
    CHECK(f.settled(2, 1) == (enough ? "commit 1 at 20" : ""));
  }
}

TEST_CASE("a sink that was stopped before its barrier came holds the epoch: what is open there is not known") {
  ledger_fixture f{{1, 2}};
  f.ledger.begin();
  f.ended(1, from_millis(30));
  CHECK(f.arrived(2, 1, 20, 40).empty());
}

TEST_CASE("the ledger tells which sinks an epoch waits for, and at what time it settles") {
  ledger_fixture f{{1, 2, 3}};
  CHECK(f.waits_for() == "");
  f.ledger.begin();
  f.ended(3, max_timestamp);
  CHECK(f.waits_for() == "epoch 1: barrier at 1 2");
  f.arrived(1, 1, 20, 5);
  CHECK(f.waits_for() == "epoch 1: barrier at 2");
  f.arrived(2, 1, 10, 5);
  f.settled(1, 1);
  CHECK(f.waits_for() == "epoch 1: settled 20 at 2");
  f.settled(2, 1);
  CHECK(f.waits_for() == "");
}
