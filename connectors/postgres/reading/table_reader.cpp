#include <leat/connectors/postgres/reading/table_reader.hpp>

#include <leat/base/steady_wall_clock.hpp>

#include <utility>

namespace leat {

table_reader::table_reader(
  table_pages::parts pages, record_intake intake, row_decoder& rows, std::int64_t position, table_bookmark mark, waker wake)
  : intake_{std::move(intake)}, rows_{rows}, mark_{std::move(mark)}, position_{position}, pages_{
                                                                                            std::move(pages), mark_.last,
                                                                                            std::move(wake)} {
  records_.reserve(max_batch_records);
  beside_.reserve(max_batch_records);
}

table_reader::~table_reader() = default;

read_status table_reader::read(batch_base& out, batch<dead_letter>& rejected) {
  if (ended_)
    return read_status::ended;
  if (at_ == page_.rows.size() && !next_page())
    return ended_ ? read_status::ended : read_status::drained;
  const auto now = steady_wall_clock();
  collect(out.stride(), now);
  rows_.beside(beside_);
  intake_.take(records_, now, out, rejected);
  at_ += records_.size();
  position_ += static_cast<std::int64_t>(records_.size());
  return read_status::more;
}

/// @returns false when no row is there: not yet, or not any more.
bool table_reader::next_page() {
  if (at_ > 0)
    mark_.last = key_texts(page_.keys[at_ - 1]);
  at_ = 0;
  const bool was_last = page_.last;
  page_ = {};
  if (!was_last)
    if (auto next = pages_.take())
      page_ = std::move(*next);
  ended_ = page_.rows.size() == 0 && (was_last || page_.last);
  return page_.rows.size() > 0;
}

/// Lines up the next rows of the page, up to the bounds of a batch.
void table_reader::collect(std::size_t stride, timestamp now) {
  records_.clear();
  beside_.clear();
  std::size_t weight = 0;
  for (auto i = at_; i < page_.rows.size() && records_.size() < max_batch_records && weight < max_batch_bytes; ++i) {
    auto& raw = records_.emplace_back();
    raw.key = page_.names[i];
    raw.payload = page_.rows[i];
    beside_.push_back(page_.apart[i]);
    raw.offset = position_ + static_cast<std::int64_t>(i - at_);
    raw.time = now;
    weight += raw.payload->size() + stride;
  }
}

std::string table_reader::evidence() const {
  auto mark = mark_;
  if (at_ > 0)
    mark.last = key_texts(page_.keys[at_ - 1]);
  return to_text(mark);
}

} // namespace leat
