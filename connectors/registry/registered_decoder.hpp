#pragma once

#include <leat/connectors/formats/schema_format.hpp>
#include <leat/connectors/registry/confluent_wire.hpp>
#include <leat/connectors/registry/schema_cache.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace leat {

/// Decodes records in Confluent's wire format: each with the schema that it names. For each schema there is a decoder, made when its
/// first record comes; records behind each other with the same one are one call of it.
class registered_decoder final : public decoder {
public:
  /// @param inner outlives this, as does `of`.
  registered_decoder(const schema_format& inner, const schema& of, std::shared_ptr<schema_cache> schemas);
  ~registered_decoder() override;

  [[nodiscard]] std::size_t ready(std::span<const raw_record> in, const waker& wake) override;

  /// Of records that `ready` has said are.
  std::size_t
  decode(std::span<const raw_record> in, void* slots, std::size_t stride, std::vector<rejection>& rejected) override;

private:
  static constexpr std::size_t most_ways = 1'000; // of schemas that nobody has, there may come many

  /// How records of one schema are decoded, and one message in it.
  struct way {
    std::unique_ptr<decoder> by;
    std::string refusal{};                   // without a decoder: why
    schema_cache::clock::time_point until{}; // then: when it may be otherwise
  };

  [[nodiscard]] std::optional<registered_bytes> parse(const raw_record& record) const noexcept;
  [[nodiscard]] way* find(const registered_bytes& record);
  [[nodiscard]] bool prepare(const registered_bytes& record, const waker& wake);
  [[nodiscard]] way make_way(const registered_bytes& record, const schema_cache::entry& known) const;
  std::size_t follow(way& by, std::size_t first, void* slots, std::size_t stride, std::vector<rejection>& rejected);
  [[nodiscard]] static std::string refusal_of(const raw_record& record);

  const schema_format& inner_;
  const schema& schema_;
  const bool has_place_;
  const std::shared_ptr<schema_cache> schemas_;
  std::shared_ptr<wake_line> line_; // none before the first record had to wait

  std::map<std::uint32_t, std::map<std::string, way, std::less<>>> ways_; // by place
  std::size_t made_ = 0;                                                  // of them
  std::uint32_t last_schema_ = 0;                                         // of `last_`
  std::string last_place_;                                                // likewise
  way* last_ = nullptr;
  std::vector<raw_record> same_; // records behind each other, without what stands before them
};

} // namespace leat
