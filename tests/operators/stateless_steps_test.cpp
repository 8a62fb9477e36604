#include <leat/operators/filter.hpp>
#include <leat/operators/map.hpp>
#include <leat/tests/support/step_fixture.hpp>

#include <catch2/catch.hpp>

#include <array>
#include <memory>
#include <stdexcept>

using namespace leat;
using namespace leat::testing;

namespace {

using number = std::int64_t;

struct is_odd {
  bool operator()(number n) const { return n % 2 != 0; }
};

struct fails_at_three {
  number operator()(number n) const {
    if (n == 3)
      throw std::invalid_argument{"three is right out"};
    return n;
  }
};

/// A hundred thousand bytes of each number.
auto blow_up() {
  return making<map_step, number, std::string>([](number) { return std::string(100'000, 'x'); });
}

/// The numbers from 0 up to `n`, at times equal to them.
boost::intrusive_ptr<batch<number>> numbers(number n) {
  auto made = batch<number>::fresh();
  for (number i = 0; i < n; ++i)
    made->push(i, from_millis(i));
  return made;
}

auto filter_odd() { return making<filter_step, number>(is_odd{}); }

} // namespace

TEST_CASE("a filter thins out a batch of its own in place") {
  step_fixture<number> f;
  f.add("odd", filter_odd());
  auto in = batch_of<number>({{1, 10}, {2, 20}, {3, 30}});
  const auto* slots = in->data();
  f.give(std::move(in));
  CHECK(f.out.told == story{"1@10", "3@30"});
  CHECK(f.out.slots == std::vector{slots});
}

TEST_CASE("a filter leaves a batch alone that others read too") {
  step_fixture<number> f;
  f.add("odd", filter_odd());
  const auto shared = batch_of<number>({{1, 10}, {2, 20}, {3, 30}});
  f.give(shared);
  CHECK(f.out.told == story{"1@10", "3@30"});
  CHECK(shared->size() == 3);
}

TEST_CASE("a filter keeps the key hashes beside the records it copies") {
  std::vector<std::uint64_t> hashes;
  struct hash_reader final : receiver {
    explicit hash_reader(std::vector<std::uint64_t>& to) : to_{to} {}
    void on_batch(batch_ptr in) override { to_.assign(in->key_hashes().begin(), in->key_hashes().end()); }
    void on_signal(const signal&) override {}
    std::vector<std::uint64_t>& to_;
  } reader{hashes};
  step_fixture<number> f;
  f.add("odd", filter_odd()).connect(reader);
  const auto shared = batch<number>::fresh();
  shared->push(number{2}, from_millis(0), 22);
  shared->push(number{3}, from_millis(0), 33);
  f.give(shared);
  CHECK(hashes == std::vector<std::uint64_t>{33});
}

TEST_CASE("a batch of which nothing is left goes no further") {
  step_fixture<number> f;
  f.add("odd", filter_odd());
  f.give(batch_of<number>({{2, 10}, {4, 20}}));
  f.give(watermark(19));
  CHECK(f.out.told == story{"watermark 19"});
  CHECK(f.out.sizes.empty());
}

TEST_CASE("a map turns records into others with the same event time") {
  step_fixture<std::string> f;
  const auto spell = [](number n) { return std::string(static_cast<std::size_t>(n), '*'); };
  f.add("spell", making<map_step, number, std::string>(spell));
  f.give(batch_of<number>({{1, 10}, {3, 20}}));
  CHECK(f.out.told == story{"*@10", "***@20"});
}

TEST_CASE("a map hands over a record that nobody else reads, and copies one that is shared") {
  const auto mark = [](std::string&& s) { return std::move(s) + "!"; };
  const std::string text(40, 'x');
  for (const bool shared : {false, true}) {
    step_fixture<std::string> f;
    f.add("mark", making<map_step, std::string, std::string>(mark));
    auto in = batch_of<std::string>({{text, 1}});
    const auto other_reader = shared ? in : nullptr;
    f.give(std::move(in));
    CHECK(f.out.told == story{text + "!@1"});
    if (shared)
      CHECK(other_reader->records()[0] == text);
  }
}

TEST_CASE("a map that makes records heavier keeps its batches within their bound in bytes") {
  step_fixture<std::string> f;
  f.add("blow up", blow_up());
  f.give(numbers(10));
  CHECK(f.out.sizes == std::vector<std::size_t>{3, 3, 3, 1}); // the third of 100,000 bytes fills a batch
}

TEST_CASE("a map that makes large records of one size keeps to the bound as well") {
  using block = std::array<char, 4096>;
  struct large {
    block content;
  };
  static_assert(!bounded_by_count<large> && bounded_by_count<number>);
  std::vector<std::size_t> sizes;
  struct size_reader final : receiver {
    explicit size_reader(std::vector<std::size_t>& to) : to_{to} {}
    void on_batch(batch_ptr in) override { to_.push_back(in->size()); }
    void on_signal(const signal&) override {}
    std::vector<std::size_t>& to_;
  } reader{sizes};
  step_fixture<number> f;
  f.add("lay out", making<map_step, number, large>([](number) { return large{}; })).connect(reader);
  f.steps.on_batch(numbers(100));
  CHECK(sizes == std::vector<std::size_t>{64, 36});
}

TEST_CASE("a map parks between heavy batches while its output is blocked, and goes on in order") {
  step_fixture<std::string> f;
  f.add("blow up", blow_up());
  f.out.cork_after_each_batch();
  f.give(numbers(10));
  CHECK(f.out.sizes == std::vector<std::size_t>{3});
  CHECK_FALSE(f.steps.ready());
  f.drain();
  f.give(watermark(9));
  CHECK(f.out.sizes == std::vector<std::size_t>{3, 3, 3, 1});
  for (std::size_t i = 0; i < 10; ++i)
    CHECK(f.out.told[i].back() == static_cast<char>('0' + i)); // its event time
  CHECK(f.out.told.back() == "watermark 9");
}

TEST_CASE("signals pass stateless steps behind the batches before them") {
  step_fixture<number> f;
  f.add("odd", filter_odd());
  f.give(batch_of<number>({{1, 10}}));
  f.give(signal::barrier(1));
  f.give(signal::idle());
  f.give(batch_of<number>({{3, 11}}));
  f.give(signal::end());
  CHECK(f.out.told == story{"1@10", "barrier 1", "idle", "3@11", "end"});
}

TEST_CASE("what a user's function throws names the step and quotes the cause") {
  step_fixture<number> f;
  f.add("check amounts", making<map_step, number, number>(fails_at_three{}));
  CHECK_THROWS_WITH(f.give(batch_of<number>({{3, 10}})), "step 'check amounts' failed: three is right out");
  step_fixture<number> g;
  g.add("check amounts", making<filter_step, number>(fails_at_three{}));
  CHECK_THROWS_AS(g.give(batch_of<number>({{3, 10}})), step_error);
}

TEST_CASE("a thrown value that is no exception still names the step") {
  step_fixture<number> f;
  f.add("odd one", making<filter_step, number>([](number) -> bool { throw 7; }));
  CHECK_THROWS_WITH(
    f.give(batch_of<number>({{1, 10}})), "step 'odd one' failed: it threw something that is no std::exception");
}

TEST_CASE("a user's own leat::error leaves as it is") {
  step_fixture<number> f;
  f.add("lookup", making<filter_step, number>([](number) -> bool { throw connector_error{"the table is gone"}; }));
  CHECK_THROWS_AS(f.give(batch_of<number>({{1, 10}})), connector_error);
}
