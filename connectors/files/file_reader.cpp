#include <leat/connectors/files/file_reader.hpp>

#include <leat/base/error.hpp>
#include <leat/base/steady_wall_clock.hpp>
#include <leat/connectors/files/file_header.hpp>
#include <leat/connectors/files/renamed_file.hpp>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

namespace leat {

namespace {

constexpr std::uint64_t looks_until_closed = 50; // at a file that stays as it is
constexpr int looks_until_left = 10;             // at a file that has lost its name, without a byte coming
constexpr int most_open = 200;                   // followed files of a source; beyond, each is closed after a batch

constexpr auto open_quote = "; what follows is dropped up to the end of its quoted field";

} // namespace

file_reader::file_reader(
  std::shared_ptr<const file_reading> how, std::string path, const resumed_file* from, std::optional<std::int64_t> end,
  metric& bytes_in, time_refusals refusals, waker wake)
  : how_{std::move(how)}, path_{std::move(path)}, end_{end}, bytes_in_{bytes_in}, refusals_{refusals},
    wake_{std::move(wake)}, buffer_{how_->read_as->make_splitter(), how_->longest} {
  records_.reserve(max_batch_records);
  if (!from)
    return;
  identity_ = from->now.identity;
  from_ = from->position;
  buffer_.go_on(from->position, from->head, from->tail, from->skipping);
}

file_reader::~file_reader() {
  close();
  if (how_->watch)
    how_->watch->forget(this);
}

read_status file_reader::read(batch_base& out, batch<dead_letter>& rejected) {
  records_.clear();
  taken_ = 0;
  now_ = steady_wall_clock();
  if (end_ && buffer_.position() >= *end_)
    return read_status::ended;
  if (!collect(out.stride(), rejected))
    return at_end(out, rejected);
  decode(out, rejected);
  if (end_ || too_many_open())
    close();
  return read_status::more;
}

/// Lines up the next records for decoding, up to the bounds of a batch, of one block of the file or a little more.
/// @returns false when there is none before the end.
bool file_reader::collect(std::size_t stride, batch<dead_letter>& rejected) {
  std::size_t weight = 0;
  record_buffer::record r;
  while (taken_ == 0) {
    while (taken_ < max_batch_records && weight < max_batch_bytes && buffer_.next(r)) {
      take(r, rejected);
      weight += r.bytes.size() + stride;
    }
    if (taken_ == 0 && !fill())
      return false;
  }
  return true;
}

void file_reader::take(const record_buffer::record& r, batch<dead_letter>& rejected) {
  const auto bytes = r.offset == 0 ? without_byte_order_mark(r.bytes) : r.bytes;
  if (!intake_ && wrong_header_.empty() && how_->has_header())
    return r.too_long ? give_up("the header is " + too_long()) : start_decoding(bytes);
  if (!intake_ && wrong_header_.empty())
    start_decoding({});
  ++taken_;
  ++lines_;
  if (r.too_long)
    return refuse(r, "the line is " + too_long() + (buffer_.drops_quoted() ? open_quote : ""), rejected);
  if (!intake_)
    return refuse(r, wrong_header_, rejected);
  raw_record raw;
  raw.payload = bytes;
  raw.offset = r.offset;
  raw.time = now_;
  records_.push_back(raw);
}

void file_reader::start_decoding(std::string_view header) {
  try {
    auto decoder =
      how_->has_header() ? how_->read_as->make_decoder_behind(header, *how_->of) : how_->read_as->make_decoder(*how_->of);
    intake_.emplace(
      how_->step, partition{path_, -1}, std::move(decoder), how_->event_time, how_->bounds, refusals_, how_->origins);
  } catch (const connector_error& e) {
    give_up(e.what());
  }
}

/// A header that does not fit, of a file that came after the start, refuses each line of it: no other file has to wait.
void file_reader::give_up(std::string reason) {
  wrong_header_ = std::move(reason);
  spdlog::warn("source '{}': no line of {} can be read: {}", how_->step, path_, wrong_header_);
}

std::string file_reader::too_long() const { return fmt::format("longer than {} bytes", how_->longest); }

void file_reader::refuse(const record_buffer::record& r, std::string reason, batch<dead_letter>& rejected) const {
  dead_letter letter;
  letter.reason = std::move(reason);
  letter.step = how_->step;
  letter.topic = path_;
  letter.offset = r.offset;
  letter.time = now_;
  letter.payload.emplace(r.bytes);
  rejected.push(std::move(letter), now_);
}

void file_reader::decode(batch_base& out, batch<dead_letter>& rejected) {
  if (!records_.empty())
    intake_->take(records_, now_, out, rejected);
}

/// Opens the file that is read, or the one that the path leads to when none was.
void file_reader::open() {
  open_file found{::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (!found && (errno != ENOENT || end_))
    throw connector_error{fmt::format("source '{}': cannot open {}: {}", how_->step, path_, system_reason(errno))};
  const auto opened = found ? std::optional{facts_of(found.get()).identity} : std::nullopt;
  if (end_ && identity_ && opened != identity_)
    throw connector_error{fmt::format(
      "source '{}': {} was replaced by another file while it was read, at byte {}: start again", how_->step, path_,
      buffer_.end())};
  if (identity_ && opened != identity_)
    found = open_renamed(path_, *identity_); // it was renamed while it was closed
  if (!found)
    return;
  if (!identity_) {
    (void)how_->search->claim(*opened); // it may have been replaced since it was found: what counts is what was opened
    identity_ = opened;
  }
  file_ = std::move(found);
  ++*how_->open_files;
  read_header_again();
}

/// What was read on in its middle.
void file_reader::read_header_again() {
  if (buffer_.end() == 0 || !how_->has_header() || intake_ || !wrong_header_.empty())
    return;
  const auto header = read_header(file_, *how_->read_as, how_->longest, end_.has_value());
  if (header.too_long)
    give_up("the header is " + too_long());
  else
    start_decoding(header.text);
}

void file_reader::close() {
  if (!file_)
    return;
  file_.close();
  --*how_->open_files;
}

bool file_reader::too_many_open() const { return *how_->open_files > most_open; }

/// Reads one more block.
/// @returns false at the end of what is there.
bool file_reader::fill() {
  if (!file_)
    open();
  if (!file_)
    return false;
  const auto to = buffer_.room();
  const auto wanted = end_ ? std::min<std::int64_t>(std::ssize(to), *end_ - buffer_.end()) : std::ssize(to);
  const auto count = ::pread(file_.get(), to.data(), static_cast<std::size_t>(wanted), buffer_.end());
  if (count < 0)
    throw connector_error{
      fmt::format("source '{}': cannot read {} at byte {}: {}", how_->step, path_, buffer_.end(), system_reason(errno))};
  if (count == 0 && end_ && buffer_.end() < *end_)
    throw connector_error{fmt::format(
      "source '{}': {} was cut to {} bytes while it was read; it had {} at the start", how_->step, path_, buffer_.end(),
      *end_)};
  if (count == 0)
    return false;
  buffer_.fill(static_cast<std::size_t>(count));
  bytes_in_.add(count);
  written_at_ = how_->watch ? how_->watch->looks() : 0;
  quiet_looks_ = 0;
  return true;
}

/// The file ends here: half a line at its end is a line.
void file_reader::take_rest(batch_base& out, batch<dead_letter>& rejected) {
  if (buffer_.drops_quoted())
    spdlog::warn(
      "source '{}': {} ends within the quoted field of a line that is {}: its closing quote is missing, and all behind it, "
      "up "
      "to byte {}, was dropped",
      how_->step, path_, too_long(), buffer_.end());
  if (record_buffer::record last; buffer_.rest(last)) {
    take(last, rejected);
    decode(out, rejected);
  }
}

read_status file_reader::at_end(batch_base& out, batch<dead_letter>& rejected) {
  if (!end_)
    return look_around(out, rejected);
  take_rest(out, rejected);
  close();
  buffer_.shrink();
  return read_status::ended;
}

/// All of a followed file has been read: is it still the one that its name leads to?
read_status file_reader::look_around(batch_base& out, batch<dead_letter>& rejected) {
  buffer_.shrink();
  const auto now = facts_of(path_);
  if (!now && !std::exchange(gone_, true))
    spdlog::warn(
      "source '{}': {} is gone, after {} bytes were read; waiting for another one of its name", how_->step, path_,
      buffer_.end());
  if (now)
    gone_ = false;
  if (!identity_)
    return now ? read_status::more : wait(now); // it has come just now, or not yet
  if (now && now->identity == *identity_)
    return stay(*now);
  if (file_ && !was_left())
    return wait(now, how_->watch->looks() + 1); // who wrote it may not have heard of that
  if (!now || !how_->search->claim(now->identity)) {
    close();
    return wait(now); // a file that was read under another name has got this one
  }
  take_rest(out, rejected);
  spdlog::info(
    "source '{}': {} is another file now; {} bytes of the old one were read{}", how_->step, path_, buffer_.end(),
    file_ ? ", all of it" : ", which is no more in this folder");
  close();
  identity_ = now->identity;
  return begin_anew();
}

/// The path leads to the file that is read, as before.
read_status file_reader::stay(const file_facts& now) {
  quiet_looks_ = 0;
  if (now.size < buffer_.end()) {
    spdlog::warn(
      "source '{}': {} was cut from {} to {} bytes; it is read again from its start", how_->step, path_, buffer_.end(),
      now.size);
    return begin_anew();
  }
  if (!file_)
    return read_status::more; // it has come back just now
  auto seen = now;
  seen.size = buffer_.end();
  const auto close_at = written_at_ + looks_until_closed;
  if (how_->watch->looks() < close_at && !too_many_open())
    return wait(seen, close_at);
  close();
  return wait(seen);
}

/// Whether nobody writes any more to the file that has lost its name. Counts each look once that found no byte.
bool file_reader::was_left() {
  const auto look = how_->watch->looks();
  if (quiet_looks_ == 0 || counted_look_ != look)
    ++quiet_looks_;
  counted_look_ = look;
  return quiet_looks_ > looks_until_left;
}

read_status file_reader::wait(const std::optional<file_facts>& seen, std::uint64_t at_latest) {
  how_->watch->wait_for_change(this, path_, seen, wake_, at_latest);
  return read_status::drained;
}

read_status file_reader::begin_anew() {
  quiet_looks_ = 0;
  from_ = lines_ = 0;
  buffer_.restart();
  if (how_->has_header()) {
    intake_.reset();
    wrong_header_.clear();
  }
  return read_status::more;
}

/// The bytes of the file that is read, as far as they are to be.
std::int64_t file_reader::size() const {
  if (end_)
    return *end_;
  if (file_)
    return facts_of(file_.get()).size;
  const auto now = facts_of(path_);
  return now && now->identity == identity_ ? now->size : buffer_.end();
}

std::string file_reader::evidence() const {
  file_bookmark mark;
  mark.identity = identity_.value_or(file_identity{});
  mark.size = buffer_.end();
  try {
    mark.size = std::max(mark.size, size());
  } catch (const connector_error&) { // what is read is known
  }
  mark.head = excerpt_of(buffer_.head());
  mark.tail = excerpt_of(buffer_.tail());
  mark.skipping = buffer_.skipping();
  return to_text(mark);
}

/// As many lines as fit into the bytes that are left, as long as those so far.
std::int64_t file_reader::lag() const {
  if (!end_ && !identity_)
    return -1;
  try {
    const auto left = size() - position();
    if (left <= 0)
      return 0;
    const auto read = position() - from_;
    return lines_ == 0 ? -1 : (left * lines_ + read - 1) / read;
  } catch (const connector_error&) {
    return -1;
  }
}

} // namespace leat
