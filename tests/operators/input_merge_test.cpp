#include <leat/operators/input_merge.hpp>

#include <leat/base/error.hpp>
#include <leat/tests/support/stream_text.hpp>

#include <catch2/catch.hpp>

#include <random>

using namespace leat;
using namespace leat::testing;

namespace {

/// An `input_merge` and the story of what it passes on.
struct merge_fixture {
  explicit merge_fixture(std::uint32_t inputs) {
    for (std::uint32_t i = 1; i <= inputs; ++i)
      merge.add(i, 1);
  }

  void says(std::uint32_t input, const signal& s) {
    merge.on_signal(input, s, [this](const signal& out) { told.push_back(to_text(out)); });
  }

  input_merge merge;
  story told;
};

} // namespace

TEST_CASE("the watermark is the least of all inputs") {
  merge_fixture m{2};
  m.says(1, watermark(10));
  CHECK(m.told == story{});
  m.says(2, watermark(5));
  m.says(2, watermark(20));
  CHECK(m.told == story{"watermark 5", "watermark 10"});
  CHECK(m.merge.watermark() == from_millis(10));
}

TEST_CASE("a watermark that does not advance is not passed on again") {
  merge_fixture m{1};
  m.says(1, watermark(10));
  m.says(1, watermark(10));
  m.says(1, watermark(7));
  CHECK(m.told == story{"watermark 10"});
}

TEST_CASE("an idle input holds nobody up") {
  merge_fixture m{2};
  m.says(1, watermark(10));
  m.says(2, signal::idle());
  m.says(1, watermark(20));
  CHECK(m.told == story{"watermark 10", "watermark 20"});
}

TEST_CASE("an input that wakes holds the watermark again, and never pulls it back") {
  merge_fixture m{2};
  m.says(2, watermark(5));
  m.says(2, signal::idle());
  m.says(1, watermark(20));
  m.says(2, watermark(5)); // a source says its watermark again when it wakes
  m.says(1, watermark(30));
  m.says(2, watermark(6));
  CHECK(m.told == story{"watermark 20"});
  m.says(2, watermark(25));
  CHECK(m.told == story{"watermark 20", "watermark 25"});
}

TEST_CASE("what an idle input emits by processing time makes nobody wait for it") {
  merge_fixture m{2};
  m.says(1, watermark(10));
  m.says(2, watermark(3));
  m.says(2, signal::idle());
  m.merge.on_data(2);
  m.says(1, watermark(20));
  CHECK(m.told == story{"watermark 3", "watermark 10", "watermark 20"});
}

TEST_CASE("what holds the watermark is the furthest behind of the inputs that are awake and have more to say") {
  merge_fixture m{3};
  m.says(1, watermark(5));
  CHECK(m.merge.held_by() == 2U);
  m.says(2, watermark(10));
  m.says(3, watermark(20));
  CHECK(m.merge.held_by() == 1U);
  m.says(1, signal::idle());
  CHECK(m.merge.held_by() == 2U);
  m.says(2, signal::watermark(max_timestamp));
  CHECK(m.merge.held_by() == 3U);
  m.says(3, signal::idle());
  CHECK_FALSE(m.merge.held_by());
}

TEST_CASE("an idle shard is waited for while a sibling is awake: it is about to wake as well") {
  merge_fixture m{0};
  m.merge.add(1, 1, 7);
  m.merge.add(2, 1, 7);
  for (const std::uint32_t input : {1U, 2U}) {
    m.says(input, watermark(10));
    m.says(input, signal::idle());
  }
  m.says(1, watermark(10));
  m.says(1, watermark(30));
  CHECK(m.told == story{"watermark 10", "idle", "watermark 10"});
  m.says(2, watermark(10));
  m.says(2, watermark(29));
  CHECK(m.told.back() == "watermark 29");
}

TEST_CASE("shards that are all idle hold nobody up, whichever their siblings' stage") {
  merge_fixture m{1};
  m.merge.add(2, 1, 7);
  m.merge.add(3, 1, 7);
  m.merge.add(4, 1, 8);
  for (const std::uint32_t input : {1U, 2U, 3U, 4U})
    m.says(input, watermark(10));
  m.says(1, watermark(50));
  m.says(4, signal::idle());
  m.says(2, signal::idle());
  CHECK(m.told == story{"watermark 10"});
  m.says(3, signal::idle());
  CHECK(m.told == story{"watermark 10", "watermark 50"});
}

TEST_CASE("a watermark alone wakes an idle input") {
  merge_fixture m{2};
  m.says(1, signal::idle());
  m.says(1, watermark(1));
  m.says(2, watermark(9));
  CHECK(m.told == story{"watermark 1"});
}

TEST_CASE("when all inputs are idle the newest watermark counts, whichever fell idle last") {
  for (const std::uint32_t last : {1U, 2U}) {
    merge_fixture m{2};
    m.says(1, watermark(10));
    m.says(3 - last, signal::idle());
    m.says(last, signal::idle());
    CHECK(m.told == story{"watermark 10", "idle"});
  }
}

TEST_CASE("inputs that are complete do not make the end of time out of one that is idle") {
  merge_fixture m{2};
  m.says(2, watermark(5));
  m.says(2, signal::idle());
  m.says(1, signal::watermark(max_timestamp));
  m.says(1, signal::end());
  CHECK(m.told == story{"watermark 5", "idle"});
  m.says(2, watermark(9));
  m.says(2, signal::watermark(max_timestamp));
  CHECK(m.told == story{"watermark 5", "idle", "watermark 9", "watermark +inf"});
}

TEST_CASE("idle is passed on when every input is idle, once") {
  merge_fixture m{2};
  m.says(1, signal::idle());
  CHECK(m.told == story{});
  m.says(2, signal::idle());
  m.says(2, signal::idle());
  CHECK(m.told == story{"idle"});
}

TEST_CASE("who wakes from idleness says so, so that those behind wait for it again") {
  merge_fixture m{2};
  m.says(1, watermark(10));
  m.says(2, watermark(10));
  m.says(1, signal::idle());
  m.says(2, signal::idle());
  m.says(1, watermark(10));
  CHECK(m.told == story{"watermark 10", "idle", "watermark 10"});
}

TEST_CASE("when the rest has ended, an idle input makes the whole idle, behind the watermark") {
  merge_fixture m{2};
  m.says(1, watermark(10));
  m.says(2, watermark(3));
  m.says(1, signal::end());
  m.says(2, signal::idle());
  CHECK(m.told == story{"watermark 3", "watermark 10", "idle"});
}

TEST_CASE("a barrier passes when it has come on every input, with the latest settling time") {
  merge_fixture m{3};
  m.says(1, signal::barrier(1, from_millis(7)));
  m.says(3, signal::barrier(1));
  CHECK(m.told == story{});
  m.says(2, signal::barrier(1, from_millis(5)));
  CHECK(m.told == story{"barrier 1 settles at 7"});
}

TEST_CASE("a fast input may be barriers ahead") {
  merge_fixture m{2};
  m.says(1, signal::barrier(1));
  m.says(1, signal::barrier(2));
  m.says(2, signal::barrier(1));
  CHECK(m.told == story{"barrier 1"});
  m.says(2, signal::barrier(2));
  CHECK(m.told == story{"barrier 1", "barrier 2"});
}

TEST_CASE("a barrier that was given up need not come on every input") {
  merge_fixture m{2};
  m.says(1, signal::barrier(1));
  m.says(1, signal::barrier(2));
  m.says(2, signal::barrier(2));
  CHECK(m.told == story{"barrier 1", "barrier 2"});
}

TEST_CASE("a barrier that has overtaken leads to nothing where it still comes, and nobody is ahead by it") {
  merge_fixture m{2};
  m.says(1, signal::barrier(1));
  CHECK(m.merge.ahead(1));
  m.merge.overtake(1);
  CHECK_FALSE(m.merge.ahead(1));
  m.says(2, signal::barrier(1));
  CHECK(m.told == story{});
  m.says(1, signal::barrier(2));
  m.says(2, signal::barrier(2));
  CHECK(m.told == story{"barrier 2"});
}

TEST_CASE("an input that has ended is not waited for") {
  merge_fixture m{2};
  m.says(1, signal::barrier(1));
  m.says(1, signal::barrier(2));
  m.says(2, signal::end());
  CHECK(m.told == story{"barrier 1", "barrier 2"});
  CHECK_FALSE(m.merge.ended());
}

TEST_CASE("an input that was stopped holds the watermark for ever: its records before the end count") {
  merge_fixture m{2};
  m.says(1, watermark(5));
  m.says(1, signal::end());
  m.says(2, watermark(100));
  CHECK(m.told == story{"watermark 5"});
}

TEST_CASE("an input that is complete holds nobody up") {
  merge_fixture m{2};
  m.says(1, signal::watermark(max_timestamp));
  m.says(1, signal::end());
  m.says(2, watermark(100));
  CHECK(m.told == story{"watermark 100"});
}

TEST_CASE("the end is passed on when every input has ended, behind the barriers that waited") {
  merge_fixture m{2};
  m.says(1, signal::barrier(1));
  m.says(1, signal::end());
  CHECK(m.told == story{});
  m.says(2, signal::end());
  CHECK(m.told == story{"barrier 1", "end"});
  CHECK(m.merge.ended());
}

TEST_CASE("a late input counts for the watermark at once and for barriers from its first epoch") {
  merge_fixture m{1};
  m.says(1, signal::barrier(1));
  m.says(1, watermark(5));
  m.merge.add(2, 3);
  m.says(1, watermark(9));
  m.says(1, signal::barrier(2));
  CHECK(m.told == story{"barrier 1", "watermark 5", "barrier 2"});
  m.says(1, signal::barrier(3));
  m.says(2, watermark(8));
  m.says(2, signal::barrier(3));
  CHECK(m.told == story{"barrier 1", "watermark 5", "barrier 2", "watermark 8", "barrier 3"});
}

TEST_CASE("what breaks the protocol is refused") {
  merge_fixture m{2};
  CHECK_THROWS_WITH(m.says(7, watermark(1)), "something came from input 7, which was never added");
  m.says(1, signal::barrier(2));
  CHECK_THROWS_WITH(m.says(1, signal::barrier(2)), "input 1 sent barrier 2 after barrier 2");
  CHECK_THROWS_AS(m.says(1, signal::barrier(1)), protocol_error);
  m.says(1, signal::end());
  CHECK_THROWS_WITH(m.merge.on_data(1), "something came from input 1 after its end");
  CHECK_THROWS_AS(m.says(1, watermark(9)), protocol_error);
}

TEST_CASE("random signals: the watermark only rises, and every barrier passes once, in order") {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    std::mt19937 random{seed};
    const std::uint32_t inputs = 1 + random() % 4;
    merge_fixture m{inputs};
    std::vector<std::int64_t> marks(inputs, -1000);
    std::vector<std::uint64_t> epochs(inputs, 0);
    auto last = min_timestamp;
    std::uint64_t passed = 0;
    for (int i = 0; i < 100; ++i) {
      const auto input = random() % inputs;
      const auto number = static_cast<std::uint32_t>(input + 1);
      const auto say = [&](const signal& s) {
        m.merge.on_signal(number, s, [&](const signal& out) {
          if (out.kind == signal_kind::watermark)
            REQUIRE(std::exchange(last, out.time) <= out.time);
          else if (out.kind == signal_kind::barrier)
            REQUIRE(out.epoch == ++passed);
        });
      };
      switch (random() % 4) {
      case 0:
        say(watermark(marks[input] += random() % 20));
        break;
      case 1:
        say(signal::barrier(++epochs[input]));
        break;
      case 2:
        say(signal::idle());
        break;
      default:
        m.merge.on_data(number);
      }
    }
    REQUIRE(passed == *std::min_element(epochs.begin(), epochs.end()));
  }
}
