#pragma once

#include <leat/connectors/postgres/reading/table_bookmark.hpp>
#include <leat/connectors/postgres/reading/table_pages.hpp>
#include <leat/connectors/postgres/row_decoder.hpp>
#include <leat/connectors/record_intake.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace leat {

/// Reads the rows of a table once, in the order of its key. Its position counts them.
class table_reader final : public partition_reader {
public:
  /// @param rows the decoder of the intake. @param position the rows that were read before. @param mark where to go on.
  table_reader(
    table_pages::parts pages, record_intake intake, row_decoder& rows, std::int64_t position, table_bookmark mark,
    waker wake);
  ~table_reader() override;

  read_status read(batch_base& out, batch<dead_letter>& rejected) override;
  [[nodiscard]] std::int64_t position() const override { return position_; }
  [[nodiscard]] std::string evidence() const override; // a table_bookmark
  void commit(std::int64_t, timestamp) override {}     // checkpoints keep positions, nothing else does
  [[nodiscard]] bool caught_up() const override { return ended_; }

private:
  [[nodiscard]] bool next_page();
  void collect(std::size_t stride, timestamp now);

  record_intake intake_;
  row_decoder& rows_;   // of the intake
  table_bookmark mark_; // whose `last` holds before the present page
  std::int64_t position_;
  table_page page_;
  std::size_t at_ = 0; // rows of it that were read
  bool ended_ = false;
  std::vector<raw_record> records_;      // of the present batch
  std::vector<std::string_view> beside_; // them
  table_pages pages_;                    // the last: its thread ends first
};

} // namespace leat
