#pragma once

#include <leat/connectors/formats/format.hpp>
#include <leat/connectors/formats/refusal.hpp>
#include <leat/connectors/postgres/row_selection.hpp>

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace leat {

/// Makes records of rows as a `row_selection` has asked for them: reads back exactly what a `row_encoder` has written.
///
/// Belongs to one reader.
class row_decoder final : public decoder, private refusal {
public:
  /// @param of outlives it. @throws pipeline_error when it has a field that JSON cannot hold.
  row_decoder(const schema& of, const row_selection& selected);

  /// Says what stands beside the rows that `decode` is given next: of each its values apart, as `append_values` has them.
  void beside(std::span<const std::string_view> values) noexcept { beside_ = values; }

  /// @param in whose payloads are the rows as JSON.
  std::size_t
  decode(std::span<const raw_record> in, void* slots, std::size_t stride, std::vector<rejection>& rejected) override;

private:
  /// A value that came beside the JSON, read but not yet where it belongs.
  struct apart_value {
    bool null = false;
    double real = 0;
    std::int64_t millis = 0;
    std::string_view digits{};
  };

  bool read(std::string_view values);
  bool read(const apart_field& which, std::string_view text, apart_value& to);
  void store(const apart_field& which, const apart_value& value, void* record) const;

  const std::vector<apart_field> apart_;
  const schema members_; // the fields that JSON holds
  const std::unique_ptr<decoder> json_;
  std::span<const std::string_view> beside_;
  std::vector<raw_record> objects_;        // of the present call: of rows whose values apart are right
  std::vector<std::size_t> places_;        // theirs
  std::vector<apart_value> values_;        // theirs, so many each as there are fields apart
  std::vector<rejection> json_rejections_; // whose indices are those of objects_
};

} // namespace leat
