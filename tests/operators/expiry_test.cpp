// Rows with values that expire, in memory and stored.

#include <leat/operators/state/expiry_queue.hpp>
#include <leat/operators/state/keyed_rows.hpp>
#include <leat/operators/state/value_state.hpp>

#include <catch2/catch.hpp>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace leat;

namespace {

/// What the last call of `keep` has shown.
class kept_entries final : public stored_entries, public state_writer {
public:
  std::optional<std::string_view> find(std::string_view state, std::uint64_t, std::string_view key) override {
    const auto found = all.find({std::string{state}, std::string{key}});
    return found == all.end() ? std::nullopt : std::optional<std::string_view>{found->second};
  }
  void refresh() override {}
  void put(const state_entry& e) override { all[{std::string{e.state}, std::string{e.key}}] = e.value; }
  void remove(const state_entry& e) override { all.erase({std::string{e.state}, std::string{e.key}}); }

  std::map<std::pair<std::string, std::string>, std::string> all;
};

/// Rows with two numbers that expire, of which few fit into memory.
class expiring_rows {
  using slot = value_slot<std::int64_t>;

public:
  void now(std::int64_t millis) { clock.advance_to(from_millis(millis)); }

  void set(std::int64_t key, std::int64_t expires, std::size_t which = 0) {
    rows.select({key, key_hash(key)});
    rows.at<slot>(places[which]).held = expiring<std::int64_t>{key, from_millis(expires)};
    rows.expires(places[which], from_millis(expires));
    rows.release();
  }
  void clear(std::int64_t key) {
    rows.select({key, key_hash(key)});
    for (const auto& place : places)
      if (auto* const found = rows.find<slot>(place)) {
        found->held.reset();
        rows.note_cleared(place);
      }
    rows.release();
  }

  /// A checkpoint that is stored at once: what is in memory is no more than fits.
  void store() {
    rows.save_changes(stored);
    rows.on_stored(++snapshots);
    for (auto before = rows.size() + 1; rows.size() < before;) {
      before = rows.size();
      rows.shrink();
    }
  }

  state_layout layout{true, true};
  std::vector<slot_place> places{layout.add<slot>("first", true), layout.add<slot>("second", true)};
  processing_clock clock;
  kept_entries stored;
  keyed_rows<std::int64_t> rows{layout, clock, &stored, 2'000};
  std::uint32_t snapshots = 0;
};

/// The keys that are due, as "time key".
std::vector<std::string> due_of(expiry_queue<std::string>& q, std::int64_t now) {
  std::vector<std::string> all;
  expiry_queue<std::string>::entry next;
  while (q.pop(from_millis(now), next))
    all.push_back(std::to_string(to_millis(next.when)) + ' ' + next.key);
  return all;
}

void watch(expiry_queue<std::string>& q, std::int64_t when, const std::string& key) {
  q.watch(from_millis(when), {key, key_hash(key)});
}

} // namespace

TEST_CASE("a key is looked at once, at the least of its times") {
  expiry_queue<std::string> q;
  watch(q, 20, "a");
  watch(q, 30, "b");
  watch(q, 10, "a");
  watch(q, 15, "a");
  CHECK(q.size() == 2);
  CHECK(due_of(q, 25) == std::vector<std::string>{"10 a"});
  CHECK(due_of(q, 30) == std::vector<std::string>{"30 b"});
  CHECK(q.size() == 0);
  CHECK(q.next() == max_timestamp);
}

TEST_CASE("a key that is erased and comes again at one time is looked at once") {
  expiry_queue<std::string> q;
  const std::string a = "a";
  for (int i = 0; i < 1'000; ++i) {
    watch(q, 10, a);
    q.erase({a, key_hash(a)});
  }
  CHECK(q.size() == 0);
  watch(q, 10, a);
  CHECK(q.of({a, key_hash(a)}) == from_millis(10));
  CHECK(due_of(q, 10) == std::vector<std::string>{"10 a"});
}

TEST_CASE("a row that comes back from the store again and again has one timer") {
  expiring_rows r;
  for (std::int64_t now = 1; now <= 50; ++now) {
    r.now(now);
    for (std::int64_t key = 0; key < 100; ++key)
      r.set(key, now + 1'000);
    r.store();
  }
  CHECK(r.rows.size() < 20);
  CHECK(r.rows.watched() == 100);
  r.now(1'049);
  r.rows.expire();
  r.store();
  CHECK(r.stored.all.size() == 100); // the last values live until 1'050
  CHECK(r.rows.watched() == 100);
  r.now(1'050);
  r.rows.expire();
  r.store();
  CHECK(r.stored.all.empty());
  CHECK(r.rows.watched() == 0);
}

TEST_CASE("a key with several entries in the store has one timer after a restart") {
  expiring_rows before, r;
  before.set(1, 500, 0);
  before.set(1, 300, 1);
  before.store();
  r.stored.all = before.stored.all;
  for (const auto& [of, value] : r.stored.all)
    CHECK(r.rows.leave_stored({of.first, of.second, value}));
  CHECK(r.rows.watched() == 1);
  CHECK(r.rows.next_expiry() == from_millis(300));
  r.now(300);
  r.rows.expire();
  CHECK(r.rows.next_expiry() == from_millis(500));
}

TEST_CASE("a row that goes before anything in it expires leaves no timer") {
  expiring_rows r;
  for (std::int64_t now = 1; now <= 50; ++now) {
    r.now(now);
    r.set(1, now + 1'000);
    r.clear(1);
  }
  CHECK(r.rows.watched() == 0);
  r.set(1, 1'051);
  r.store();
  r.clear(1);
  CHECK(r.rows.watched() == 0);
}

TEST_CASE("of many rows that expire at once some go at a time, and the rest soon") {
  expiring_rows r;
  for (std::int64_t key = 0; key < 5'000; ++key)
    r.set(key, 100);
  SECTION("in memory") {}
  SECTION("stored") { r.store(); }
  r.now(100);
  int calls = 0;
  for (std::int64_t now = 100; r.rows.next_expiry() != max_timestamp; ++now, ++calls) {
    r.now(now);
    CHECK(r.rows.next_expiry() <= from_millis(now));
    const auto before = r.rows.watched();
    r.rows.expire();
    CHECK(before - r.rows.watched() <= 2'048);
    CHECK(r.rows.next_expiry() > from_millis(now)); // batches have their turn
  }
  CHECK(calls > 2);
  r.store();
  CHECK(r.stored.all.empty());
  CHECK(r.rows.size() == 0);
}
