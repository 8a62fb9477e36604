#include <leat/base/key_group.hpp>
#include <leat/base/key_hash.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <set>
#include <vector>

using namespace leat;

namespace {

enum class color : std::uint8_t { red = 1 };

struct account {
  std::string user;
  std::int32_t shop = 0;
};
BOOST_DESCRIBE_STRUCT(account, (), (user, shop))

struct word {
  std::int64_t value = 0;
};
BOOST_DESCRIBE_STRUCT(word, (), (value))

} // namespace

// Every value below is part of the state format: where one of these fails, restoring would look for keys in wrong groups.

TEST_CASE("the hash of a string is XXH3 of its bytes") {
  CHECK(key_hash(std::string{}) == 0x2d06800538d394c2); // as published for the empty input
  CHECK(key_hash(std::string{"user-00042"}) == 0x7d296e9df5b27eb6);
  CHECK(key_hash(std::string(300, 'x')) == 0xa5d1b4607dc83554);
  CHECK(key_hash("user-00042") == key_hash(std::string{"user-00042"}));
  CHECK(key_hash(std::string_view{"user-00042"}) == key_hash(std::string{"user-00042"}));
}

TEST_CASE("integers hash by value, whatever their width") {
  CHECK(key_hash(std::int64_t{0}) == 0xc77b3abb6f87acd9);
  CHECK(key_hash(std::int64_t{42}) == 0xd5a6f8c838df27c8);
  CHECK(key_hash(-1) == 0x5111c7e47d784413);
  CHECK(key_hash(std::uint8_t{42}) == key_hash(std::int64_t{42}));
  CHECK(key_hash(std::int16_t{-1}) == key_hash(-1));
}

TEST_CASE("bools, enums and timestamps hash like the integers they are") {
  CHECK(key_hash(true) == 0x2fbc593564db792e);
  CHECK(key_hash(true) == key_hash(1));
  CHECK(key_hash(color::red) == key_hash(1));
  CHECK(key_hash(from_millis(1'714'564'800'000)) == 0x9683131fe33d7014);
  CHECK(key_hash(from_millis(42)) == key_hash(42));
}

TEST_CASE("compound keys hash member by member") {
  CHECK(key_hash(account{"ann", 7}) == 0xfe3c703cc98ee5d0);
  CHECK(key_hash(std::pair<std::string, std::string>{"a", "bc"}) == 0xf42ee0df2a023ef1);
  CHECK(key_hash(std::tuple<int, std::string>{5, "x"}) == 0x32cddf45abc525db);
  CHECK(key_hash(std::tuple<std::string, int>{"ann", 7}) == key_hash(account{"ann", 7}));
  CHECK(key_hash(word{42}) == key_hash(42));
}

TEST_CASE("where one text of a compound key ends and the next begins counts") {
  using pair = std::pair<std::string, std::string>;
  CHECK(key_hash(pair{"a", "bc"}) != key_hash(pair{"ab", "c"}));
  CHECK(key_hash(pair{"", "x"}) != key_hash(pair{"x", ""}));
}

TEST_CASE("the group of a key never changes") {
  CHECK(key_group_of(key_hash(std::string{"user-00042"}), 128) == 55);
  CHECK(key_group_of(key_hash(std::int64_t{42}), 128) == 124);
  CHECK(key_group_of(key_hash(account{"ann", 7}), 128) == 56);
  CHECK(key_group_of(0, 128) == 0);
  CHECK(key_group_of(~std::uint64_t{0}, 128) == 127);
}

TEST_CASE("the outer bits of a hash, which tables inside of a shard use, leave the group alone") {
  for (int bit = 0; bit < 64; ++bit) {
    const auto moved = key_group_of(std::uint64_t{1} << bit, 1U << 31) != 0;
    CHECK(moved == (bit > 16 && bit < 48));
  }
}

TEST_CASE("keys spread evenly over the groups") {
  constexpr int keys = 128'000;
  std::vector<int> count(128);
  for (int i = 0; i < keys; ++i)
    ++count.at(key_group_of(key_hash("user-" + std::to_string(i)), 128));
  double chi_squared = 0;
  for (const int c : count)
    chi_squared += std::pow(c - keys / 128.0, 2) / (keys / 128.0);
  CHECK(chi_squared < 200); // 127 degrees of freedom: above 200 in one of 30,000 fair draws
  CHECK(chi_squared > 70);
}

TEST_CASE("shards own contiguous ranges of groups whose sizes differ by one at most") {
  for (const std::uint32_t groups : {1U, 7U, 128U, 32'768U})
    for (const std::uint32_t shards : {1U, 2U, 7U, 100U, 128U}) {
      if (shards > groups)
        continue;
      std::vector<std::uint32_t> size(shards);
      std::uint32_t last = 0;
      bool ordered = true;
      for (std::uint32_t group = 0; group < groups; ++group) {
        const auto shard = shard_of(group, shards, groups);
        ordered = ordered && shard >= last;
        last = shard;
        ++size.at(shard);
      }
      const auto [least, most] = std::minmax_element(size.begin(), size.end());
      CHECK(ordered);
      CHECK(*most - *least <= 1);
      CHECK(*least >= 1);
    }
}
