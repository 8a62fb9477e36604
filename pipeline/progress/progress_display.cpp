#include <leat/pipeline/progress/progress_display.hpp>

#include <leat/pipeline/progress/progress.hpp>

#include <spdlog/spdlog.h>

#include <chrono>

namespace leat {

progress_rhythm progress_rhythm_from(const settings& config, const console& on) {
  const auto when = config.text("progress");
  if (when == "never")
    return {};
  if (when == "always" || on.interactive())
    return {true, false, 250ms};
  return {false, true, 10s};
}

progress_display::progress_display(const metrics& of, console& on, progress_rhythm rhythm, bool bounded)
  : of_{of}, on_{on}, rhythm_{rhythm} {
  if (rhythm.draw || rhythm.log)
    thread_ = std::thread{[this, bounded] { run(bounded); }};
}

progress_display::~progress_display() {
  if (!thread_.joinable())
    return;
  {
    const std::lock_guard lock{m_};
    stop_ = true;
  }
  stopped_.notify_one();
  thread_.join();
}

void progress_display::run(bool bounded) {
  const auto start = std::chrono::steady_clock::now();
  progress_meter meter{bounded};
  for (;;) {
    {
      std::unique_lock lock{m_};
      if (stopped_.wait_for(lock, rhythm_.every, [this] { return stop_; }))
        break;
    }
    const auto elapsed = std::chrono::floor<duration>(std::chrono::steady_clock::now() - start);
    const auto snapshot = meter.observe(elapsed, of_.samples());
    if (rhythm_.draw)
      on_.set_status(progress_line(snapshot, on_.width() - 1)); // a full line would wrap on some terminals
    if (rhythm_.log)
      spdlog::info("{}", progress_line(snapshot, 1000));
  }
  if (rhythm_.draw)
    on_.clear_status();
}

} // namespace leat
