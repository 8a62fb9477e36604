#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace leat {

/// A set of key hashes that takes three to ten bytes a key and may take one for another: a key that was added is always found, one that
/// was not is found in one of some hundred cases. Split block Bloom filters (the Apache Parquet specification, "Bloom filter"; after
/// F. Putze, P. Sanders and J. Singler, "Cache-, Hash- and Space-Efficient Bloom Filters", 2007), each for four times as many keys as
/// the one before (P. S. Almeida et al., "Scalable Bloom Filters", 2007). Not thread-safe.
class key_filter {
public:
  [[nodiscard]] bool empty() const noexcept { return filters_.empty(); }

  /// Whether the hash may have been added; false: it was not.
  [[nodiscard]] bool may_hold(std::uint64_t hash) const noexcept {
    const auto mixed = mix(hash);
    for (std::size_t i = 0; i < coming_count_; ++i)
      if (coming_[i] == mixed)
        return true;
    for (auto f = filters_.rbegin(); f != filters_.rend(); ++f)
      if (f->may_hold(mixed))
        return true;
    return false;
  }

  /// A hash that is there already may take room again, in a later filter: ask `may_hold` first where that happens often.
  void add(std::uint64_t hash) {
    if (filters_.empty())
      filters_.emplace_back(first_blocks);
    else if (filters_.back().full())
      filters_.emplace_back(4 * filters_.back().size());
    coming_[coming_count_] = mix(hash);
    filters_.back().prefetch(coming_[coming_count_]);
    if (++coming_count_ < coming_.size())
      return;
    for (const auto mixed : coming_)
      filters_.back().add(mixed);
    coming_count_ = 0;
  }

private:
  static constexpr std::size_t first_blocks = 512;

  /// The hashes of a shard are alike in some of their bits.
  [[nodiscard]] static std::uint64_t mix(std::uint64_t hash) noexcept {
    hash = (hash ^ (hash >> 32U)) * 0x9e37'79b9'7f4a'7c15U;
    return hash ^ (hash >> 32U);
  }

  class filter {
  public:
    explicit filter(std::size_t blocks) : blocks_(blocks) {}

    [[nodiscard]] std::size_t size() const noexcept { return blocks_.size(); }
    [[nodiscard]] bool full() const noexcept { return keys_ >= keys_of_block * blocks_.size(); }

    [[nodiscard]] bool may_hold(std::uint64_t mixed) const noexcept {
      const auto& b = blocks_[place_of(mixed)];
      bool all = true;
      for (std::size_t i = 0; i < b.size(); ++i)
        all &= (b[i] & bit_of(mixed, i)) != 0;
      return all;
    }
    void prefetch(std::uint64_t mixed) const noexcept { __builtin_prefetch(&blocks_[place_of(mixed)], 1); }
    void add(std::uint64_t mixed) {
      auto& b = blocks_[place_of(mixed)];
      std::uint32_t fresh = 0;
      for (std::size_t i = 0; i < b.size(); ++i) {
        fresh |= ~b[i] & bit_of(mixed, i);
        b[i] |= bit_of(mixed, i);
      }
      keys_ += fresh != 0 ? 1 : 0;
    }

  private:
    using block = std::array<std::uint32_t, 8>; // one bit of each is a key's
    static constexpr std::size_t keys_of_block = 16;
    static constexpr block salts{0x47b6'137b, 0x4497'4d91, 0x8824'ad5b, 0xa2b7'289d,
                                 0x7054'95c7, 0x2df1'424b, 0x9efc'4947, 0x5c6b'fb31};

    [[nodiscard]] static std::uint32_t bit_of(std::uint64_t mixed, std::size_t i) noexcept {
      return std::uint32_t{1} << (static_cast<std::uint32_t>(mixed) * salts[i] >> 27U);
    }
    [[nodiscard]] std::size_t place_of(std::uint64_t mixed) const noexcept {
      return (mixed >> 32U) * blocks_.size() >> 32U;
    }

    std::vector<block> blocks_;
    std::size_t keys_ = 0;
  };

  std::vector<filter> filters_;            // the last one takes keys
  std::array<std::uint64_t, 16> coming_{}; // on their way there: many come one after the other, and memory is far away
  std::size_t coming_count_ = 0;
};

} // namespace leat
