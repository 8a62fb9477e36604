#include <leat/operators/partitioner.hpp>
#include <leat/tests/support/stream_text.hpp>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <map>
#include <random>
#include <stdexcept>

using namespace leat;
using namespace leat::testing;

namespace {

struct visit {
  std::int64_t user = 0;
  std::int64_t number = 0;
};

/// Keeps what was sent off.
class sent_batches final : public scatter_targets {
public:
  using scatter_targets::scatter_targets;

  void close_all() {
    for (std::size_t i = 0; i < size(); ++i)
      close(i);
  }

  std::vector<std::pair<std::size_t, batch_ptr>> sent; // target and batch

private:
  void dispatch(std::size_t target, batch_ptr full) override { sent.emplace_back(target, std::move(full)); }
};

constexpr std::uint32_t groups = 128;

auto by_user(std::uint32_t shards) {
  return key_partitioner<visit, std::int64_t visit::*>{"visits", &visit::user, shards, groups};
}

batch_ptr visits(std::mt19937& random, std::size_t n, std::int64_t& next_number) {
  auto b = batch<visit>::fresh();
  for (std::size_t i = 0; i < n; ++i) {
    const auto number = next_number++;
    b->push(visit{static_cast<std::int64_t>(random() % 50), number}, from_millis(number));
  }
  return b;
}

batch_ptr batch_of_numbers(std::size_t n, std::int64_t first = 0) {
  auto b = batch<std::int64_t>::fresh();
  for (std::size_t i = 0; i < n; ++i)
    b->push(first + static_cast<std::int64_t>(i), from_millis(7), 3);
  return b;
}

std::vector<std::size_t> sizes(const sent_batches& to) {
  std::vector<std::size_t> all;
  for (const auto& [target, b] : to.sent)
    all.push_back(b->size());
  return all;
}

} // namespace

TEST_CASE("every record goes to the shard that owns its key's group, its hash beside it") {
  for (const std::uint32_t shards : {1U, 2U, 7U, 128U}) {
    std::mt19937 random{shards};
    std::int64_t next = 0;
    sent_batches out{shards};
    by_user(shards).scatter(visits(random, 1000, next), out);
    out.close_all();
    std::size_t records = 0;
    for (const auto& [target, b] : out.sent)
      for (std::size_t i = 0; i < b->size(); ++i, ++records) {
        const auto hash = key_hash(batch<visit>::of(*b).records()[i].user);
        REQUIRE(b->key_hashes()[i] == hash);
        REQUIRE(shard_of(key_group_of(hash, groups), shards, groups) == target);
      }
    CHECK(records == 1000);
  }
}

TEST_CASE("the records of a key stay in order, over batches that fill on the way") {
  std::mt19937 random{5};
  auto partitioner = by_user(2);
  sent_batches out{2};
  std::int64_t next = 0;
  for (int i = 0; i < 10; ++i)
    partitioner.scatter(visits(random, 900, next), out);
  out.close_all();
  std::map<std::int64_t, std::int64_t> last;
  std::size_t records = 0;
  for (const auto& [target, b] : out.sent)
    for (std::size_t i = 0; i < b->size(); ++i, ++records) {
      const auto& v = batch<visit>::of(*b).records()[i];
      REQUIRE(v.number >= last[v.user]);
      REQUIRE(b->timestamps()[i] == from_millis(v.number));
      last[v.user] = v.number;
    }
  CHECK(records == 9000);
}

TEST_CASE("full batches go at once, the rest waits to be filled") {
  sent_batches out{1};
  auto partitioner = key_partitioner<std::int64_t, std::identity>{"numbers", {}, 1, groups};
  partitioner.scatter(batch_of_numbers(1000), out);
  CHECK(out.sent.empty());
  partitioner.scatter(batch_of_numbers(1000), out);
  CHECK(sizes(out) == std::vector<std::size_t>{max_batch_records});
  out.close(0);
  CHECK(out.sent.back().second->size() == 2000 - max_batch_records);
}

TEST_CASE("a keyed channel copies from a batch that others read too") {
  sent_batches out{1};
  const auto shared = batch_of<std::string>({{"a long string that would be moved from", 1}});
  key_partitioner<std::string, std::identity>{"texts", {}, 1, groups}.scatter(shared, out);
  CHECK(shared->records()[0] == "a long string that would be moved from");
}

TEST_CASE("what a key function throws names the keyed step and quotes the cause") {
  const auto key_of = [](std::int64_t n) -> std::int64_t { throw std::out_of_range{fmt::format("no user {}", n)}; };
  sent_batches out{2};
  key_partitioner<std::int64_t, decltype(key_of)> by_user{"spending", key_of, 2, groups};
  CHECK_THROWS_WITH(by_user.scatter(batch_of_numbers(3, 17), out), "step 'spending' failed in key_by: no user 17");
  CHECK_THROWS_AS(by_user.scatter(batch_of_numbers(3), out), step_error);
}

TEST_CASE("closing what is not open sends nothing") {
  sent_batches out{2};
  out.close_all();
  key_partitioner<std::int64_t, std::identity>{"numbers", {}, 2, groups}.scatter(batch_of_numbers(0), out);
  out.close_all();
  CHECK(out.sent.empty());
}

TEST_CASE("an actor forwards to one target, its own number modulo theirs") {
  for (const std::uint32_t instance : {0U, 1U, 5U}) {
    sent_batches out{3};
    forward_partitioner<std::int64_t> forward{instance};
    forward.scatter(batch_of_numbers(5), out);
    forward.scatter(batch_of_numbers(5), out);
    out.close_all();
    REQUIRE(out.sent.size() == 1);
    CHECK(out.sent[0].first == instance % 3);
  }
}

TEST_CASE("forwarding gathers small batches, with times and hashes, in order") {
  sent_batches out{1};
  forward_partitioner<std::int64_t> forward{0};
  for (std::int64_t i = 0; i < 3; ++i)
    forward.scatter(batch_of_numbers(2, i * 2), out);
  CHECK(out.sent.empty());
  out.close(0);
  story told;
  tell<std::int64_t>(told, *out.sent.at(0).second);
  CHECK(told == story{"0@7", "1@7", "2@7", "3@7", "4@7", "5@7"});
  CHECK(out.sent[0].second->key_hashes()[5] == 3);
}

TEST_CASE("forwarding passes large batches on as they are") {
  sent_batches out{1};
  forward_partitioner<std::int64_t> forward{0};
  forward.scatter(batch_of_numbers(3), out);
  auto large = batch_of_numbers(max_batch_records);
  const auto* which = large.get();
  forward.scatter(std::move(large), out);
  CHECK(sizes(out) == std::vector<std::size_t>{3, max_batch_records});
  CHECK(out.sent[1].second.get() == which);
}

TEST_CASE("forwarding never adds to a batch that others read too") {
  sent_batches out{1};
  forward_partitioner<std::int64_t> forward{0};
  const auto shared = batch_of_numbers(3);
  forward.scatter(shared, out);
  forward.scatter(batch_of_numbers(2), out);
  forward.scatter(shared, out);
  forward.scatter(batch_of_numbers(2), out);
  out.close(0);
  CHECK(sizes(out) == std::vector<std::size_t>{3, 2, 3, 2});
  CHECK(shared->size() == 3);
}

TEST_CASE("gathering keeps to the bounds of a batch, in records and in bytes") {
  sent_batches out{1};
  forward_partitioner<std::int64_t> forward{0};
  for (int i = 0; i < 30; ++i)
    forward.scatter(batch_of_numbers(255), out);
  out.close(0);
  forward_partitioner<std::string> heavy{0};
  for (int i = 0; i < 10; ++i)
    heavy.scatter(batch_of<std::string>({{std::string(max_batch_bytes * 2 / 3, 'x'), 1}}), out);
  out.close(0);
  for (const auto& [target, b] : out.sent) {
    CHECK(b->size() <= max_batch_records);
    CHECK(b->bytes() <= max_batch_bytes);
  }
}
