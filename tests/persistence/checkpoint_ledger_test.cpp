#include <leat/persistence/checkpoint_ledger.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <string_view>

using namespace leat;
using namespace std::chrono_literals;

namespace {

/// An actor's changes, by their keys; in the groups of all and of anyone they replace what was there.
std::shared_ptr<actor_state> said(std::string_view keys, std::uint16_t group = 0) {
  delta_writer writer{"step", group, owner_of(group) != state_owner::key};
  for (const auto key : keys)
    writer.put("state", {&key, 1}, "v");
  return std::make_shared<actor_state>(actor_state{writer.take()});
}

/// The keys that a checkpoint has of an actor, in their order.
std::string keys_of(const complete_checkpoint& in, std::size_t actor) {
  std::string keys;
  for (const auto& d : *in.states.at(actor)) {
    delta_reader reader{d};
    while (const auto e = reader.next())
      keys += e->key;
  }
  std::sort(keys.begin(), keys.end());
  return keys;
}

struct ledger_fixture {
  explicit ledger_fixture(std::uint64_t last = 0) : ledger{{1s, 300ms, 10s}, last} {
    for (const actor_id a : {1U, 2U, 3U})
      ledger.add(a);
  }

  bool due() { return ledger.due_in(now) == checkpoint_ledger::clock::duration::zero(); }
  std::uint64_t begin() { return ledger.begin(now); }
  auto snapshot(actor_id actor, std::uint64_t epoch) {
    return ledger.on_snapshot({actor, epoch, std::make_shared<actor_state>()});
  }
  auto end(actor_id actor) { return ledger.on_ended({actor, std::make_shared<actor_state>()}); }
  auto snapshot(actor_id actor, std::uint64_t epoch, std::string_view keys, std::uint16_t group = 0) {
    return ledger.on_snapshot({actor, epoch, said(keys, group)});
  }

  /// A checkpoint in which the first actor says `keys`. @returns which it is stored with.
  std::string checkpoint(std::string_view keys, bool good = true) {
    const auto n = begin();
    (void)snapshot(1, n, keys);
    (void)snapshot(2, n);
    const auto complete = snapshot(3, n);
    stored(n, good);
    return keys_of(complete.value(), 0);
  }

  void give_up() {
    now += 10s;
    REQUIRE(ledger.give_up(now));
  }

  void stored(std::uint64_t epoch, bool good = true) { ledger.on_stored(epoch, good, now); }

  checkpoint_ledger::clock::time_point now{};
  checkpoint_ledger ledger;
};

} // namespace

TEST_CASE("a checkpoint is complete when the last actor has handed over what it keeps") {
  ledger_fixture f;
  const auto n = f.begin();
  CHECK(n == 1);
  CHECK_FALSE(f.snapshot(1, n));
  CHECK_FALSE(f.snapshot(2, n));
  const auto complete = f.snapshot(3, n);
  REQUIRE(complete);
  CHECK(complete->epoch == 1);
  CHECK(complete->states.size() == 3);
}

TEST_CASE("numbers go on behind the checkpoint that the job was restored from") {
  ledger_fixture f{41};
  CHECK(f.ledger.next() == 42);
  CHECK(f.begin() == 42);
}

TEST_CASE("one begins when the interval since the last beginning is over, and the pause since the last end") {
  ledger_fixture f;
  CHECK(f.due());
  const auto n = f.begin();
  for (const actor_id a : {1U, 2U, 3U})
    (void)f.snapshot(a, n);
  f.now += 5s;
  CHECK_FALSE(f.due()); // it is being stored
  f.stored(n);
  CHECK_FALSE(f.due());
  f.now += 299ms;
  CHECK_FALSE(f.due());
  f.now += 1ms;
  CHECK(f.due());
  CHECK(f.ledger.stored() == n);
}

TEST_CASE("one that takes too long is given up with the names of who is missing, and what comes for it then is ignored") {
  ledger_fixture f;
  const auto first = f.begin();
  (void)f.snapshot(2, first);
  f.now += 9'999ms;
  CHECK_FALSE(f.ledger.give_up(f.now));
  f.now += 1ms;
  const auto aborted = f.ledger.give_up(f.now);
  REQUIRE(aborted);
  CHECK(aborted->missing == std::set<actor_id>{1, 3});
  const auto second = f.begin();
  CHECK_FALSE(f.snapshot(1, first));
  CHECK_FALSE(f.snapshot(1, second));
  CHECK_FALSE(f.snapshot(2, second));
  CHECK(f.snapshot(3, second));
}

TEST_CASE("one that is being stored is not given up") {
  ledger_fixture f;
  const auto n = f.begin();
  for (const actor_id a : {1U, 2U, 3U})
    (void)f.snapshot(a, n);
  f.now += 1h;
  CHECK_FALSE(f.ledger.give_up(f.now));
}

TEST_CASE("an actor that has ended counts with what it kept then, in the checkpoint under way and in all that follow") {
  ledger_fixture f;
  const auto n = f.begin();
  CHECK_FALSE(f.snapshot(1, n));
  CHECK_FALSE(f.end(3));
  CHECK(f.snapshot(2, n));
  f.stored(n);
  const auto next = f.begin();
  CHECK_FALSE(f.snapshot(1, next));
  const auto complete = f.snapshot(2, next);
  REQUIRE(complete);
  CHECK(complete->states.size() == 3);
}

TEST_CASE("an actor that has handed over and then ends counts with what it handed over") {
  ledger_fixture f;
  const auto n = f.begin();
  const auto handed_over = std::make_shared<actor_state>();
  (void)f.ledger.on_snapshot({1, n, handed_over});
  (void)f.end(1);
  (void)f.snapshot(2, n);
  const auto complete = f.snapshot(3, n);
  REQUIRE(complete);
  CHECK(complete->states[0] == handed_over);
}

TEST_CASE("one that joins takes part from the next checkpoint on") {
  ledger_fixture f;
  const auto n = f.begin();
  f.ledger.add(4);
  for (const actor_id a : {1U, 2U})
    (void)f.snapshot(a, n);
  CHECK(f.snapshot(3, n));
  f.stored(n);
  const auto next = f.begin();
  for (const actor_id a : {1U, 2U, 3U})
    CHECK_FALSE(f.snapshot(a, next));
  CHECK(f.snapshot(4, next));
}

TEST_CASE("one that could not be stored leaves the one before as the last") {
  ledger_fixture f;
  for (const bool good : {true, false}) {
    const auto n = f.begin();
    for (const actor_id a : {1U, 2U, 3U})
      (void)f.snapshot(a, n);
    f.stored(n, good);
  }
  CHECK(f.ledger.stored() == 1);
  CHECK(f.ledger.idle());
}

TEST_CASE("nothing has ended before anybody is known") {
  const checkpoint_ledger ledger{{1s, 300ms, 10s}, 0};
  CHECK_FALSE(ledger.ended({}));
}

TEST_CASE("all but the sources have to end before the job is over") {
  ledger_fixture f;
  CHECK_FALSE(f.ledger.ended({1}));
  (void)f.end(2);
  CHECK_FALSE(f.ledger.ended({1}));
  (void)f.end(3);
  CHECK(f.ledger.ended({1}));
}

TEST_CASE("changes that could not be stored are handed over with the next ones, and once they are stored no more") {
  ledger_fixture f;
  CHECK(f.checkpoint("ab", false) == "ab");
  CHECK(f.checkpoint("bc", false) == "abc");
  CHECK(f.checkpoint("d") == "abcd");
  CHECK(f.checkpoint("e") == "e");
}

TEST_CASE("changes of a checkpoint that is given up are handed over with the next ones") {
  ledger_fixture f;
  (void)f.snapshot(1, f.begin(), "ab");
  f.give_up();
  (void)f.snapshot(1, f.begin(), "c");
  f.give_up();
  CHECK(f.checkpoint("d") == "abcd");
  CHECK(f.checkpoint("e") == "e");
}

TEST_CASE("changes that come too late for their checkpoint are handed over with the next ones") {
  ledger_fixture f;
  const auto first = f.begin();
  f.give_up();
  (void)f.snapshot(1, first, "a"); // while none is under way
  const auto second = f.begin();
  f.give_up();
  const auto third = f.begin();
  (void)f.snapshot(1, second, "b"); // while the next one is
  (void)f.snapshot(1, third, "c");
  (void)f.snapshot(2, third);
  CHECK(keys_of(f.snapshot(3, third).value(), 0) == "abc");
}

TEST_CASE("an actor that ends hands its changes over once, and what all have in common in each that follows") {
  ledger_fixture f;
  auto last = *said("ab");
  last.push_back(said("x", group_of_all)->front());
  (void)f.ledger.on_ended({1, std::make_shared<actor_state>(last)});
  const auto next = [&](bool good) {
    const auto n = f.begin();
    (void)f.snapshot(2, n);
    const auto complete = f.snapshot(3, n);
    f.stored(n, good);
    return keys_of(complete.value(), 0);
  };
  CHECK(next(false) == "abx");
  CHECK(next(true) == "abx");
  CHECK(next(true) == "x");
}

TEST_CASE("what an actor says at its end comes behind what it handed over for a checkpoint that came to nothing") {
  ledger_fixture f;
  const auto n = f.begin();
  (void)f.snapshot(1, n, "x", group_of_all);
  (void)f.ledger.on_ended({1, said("y", group_of_all)});
  f.give_up();
  const auto next = f.begin();
  (void)f.snapshot(2, next);
  CHECK(keys_of(f.snapshot(3, next).value(), 0) == "y");
}
