#pragma once

#include <leat/connectors/postgres/row_encoder.hpp>
#include <leat/connectors/refusal_log.hpp>
#include <leat/messages/dead_letter.hpp>

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace leat {

/// Turns batches into rows, and records that have no form in the table into dead letters: the part that both writers of a sink
/// have in common. Belongs to one writer.
class row_lineup {
public:
  struct parts {
    std::string step;
    std::unique_ptr<row_encoder> encoding;
    std::unique_ptr<encoder> as_json; ///< of what is refused
    bool writes_letters = true;       ///< false: letters are counted only
    metric* bytes_out = nullptr;
    metrics* notes = nullptr; ///< why the first record was refused
  };

  explicit row_lineup(parts with);

  /// Encodes the records of `in` from index `from` on.
  void line_up(const batch_base& in, std::size_t from);

  /// What can be written, in order, good until the next batch is lined up.
  [[nodiscard]] std::span<const std::string_view> rows() const noexcept { return rows_; }

  /// What cannot, in order.
  [[nodiscard]] std::span<const dead_letter> refused() const noexcept { return refused_; }

  [[nodiscard]] const row_layout& layout() const noexcept { return with_.encoding->layout(); }

private:
  const parts with_;
  refusal_log refusals_;
  encoded_records encoded_;
  encoded_records json_;
  std::vector<rejection> rejected_;
  std::vector<rejection> json_rejected_;
  std::vector<std::string_view> rows_;
  std::vector<dead_letter> refused_;
};

} // namespace leat
