// What each column of the kernels panel is, and its number.
#include <algorithm>
#include <cmath>

#include "visualizer/models/kernels_model.h"

namespace viz {

using traffic::Bound;

const KernelColumnInfo& column_info(KernelColumn column) {
  static const KernelColumnInfo infos[kKernelColumns] = {
      {"kernel", "kernel", "",
       "Functions that ran on the GPU. Open one to see its template arguments and launches; "
       "copies, library calls and the last flush of L2 stand beside them."},
      {"launches", "launches", "counted", "How often it was started."},
      {"modelled_seconds", "time", "modelled",
       "The roofline's estimate: the slowest of all levels of memory and of arithmetic, and "
       "the cost of the launch. The bar is coloured by what the time is spent on."},
      {"measured_seconds", "measured", "measured",
       "What its launches took by a clock of the program that runs beside, where all phases that "
       "are shown here have been measured. The GPU's waiting for each launch is in it."},
      {"modelled_share", "share", "modelled", "Its part of all modelled time here."},
      {"bound", "bound by", "modelled",
       "What most of its time is spent on: making that faster would help, all else would not."},
      {"vram_bytes", "VRAM", "counted",
       "Bytes that VRAM read and wrote. A library's are declared by its caller."},
      {"host_bytes", "PCIe", "counted", "Bytes between host RAM and the GPU, both ways."},
      {"l2_hit_rate", "L2 hit", "counted",
       "Of the bytes that L2 was asked for by loads and atomics, what it had; the rest came "
       "from VRAM."},
      {"l1_hit_rate", "L1 hit", "counted",
       "Of the bytes that warps loaded, what L1 had; the rest came from L2 or from host RAM."},
      {"shared_bytes", "shared", "counted",
       "Bytes that lanes read from and wrote to shared memory."},
      {"wavefronts_over_ideal", "waves", "counted",
       "Wavefronts over ideal: passes that shared memory needed, over the fewest possible for "
       "these bytes. Above 1: lanes met in the same bank and had to wait for each other."},
      {"sector_efficiency", "sectors", "counted",
       "Sector efficiency: what lanes asked of VRAM and pinned memory, of the 32-byte sectors "
       "that were moved for it at L1. Below 100%: parts of sectors were moved for nothing. "
       "Above: lanes of a warp shared the same bytes."},
      {"multiply_adds", "mul-adds", "declared",
       "Multiply-adds, as the code that launches the kernel declares them."},
      {"intensity", "per byte", "declared / counted",
       "Arithmetic intensity: multiply-adds for each byte of VRAM traffic. A kernel below what "
       "the GPU can do a byte waits for memory."},
  };
  return infos[static_cast<int>(column)];
}

KernelSums& KernelSums::operator+=(const KernelSums& o) {
  Sums::operator+=(o);
  launches += o.launches;
  return *this;
}

BoundSeconds KernelSums::seconds_by_bound() const {
  const BoundSeconds counted = counted_seconds();
  const bool none = std::all_of(counted.begin(), counted.end(), [](double s) { return s <= 0; });
  return none ? library_seconds : counted;
}

Bound KernelSums::bound() const {
  const BoundSeconds s = seconds_by_bound();
  return static_cast<Bound>(std::max_element(s.begin(), s.end()) - s.begin());
}

double KernelSums::value(KernelColumn column) const {
  const auto over = [](double part, double whole) { return whole > 0 ? part / whole : NAN; };
  const double vram = double(memory.vram_bytes());
  switch (column) {
    case KernelColumn::kName:
    case KernelColumn::kBound:
      return 0;
    case KernelColumn::kLaunches:
      return double(kernels.launches > 0 ? kernels.launches : launches);
    case KernelColumn::kSeconds:
    case KernelColumn::kShare:
      return seconds;
    case KernelColumn::kMeasured:
      return measured_seconds;
    case KernelColumn::kVram:
      // Declared bytes stand alone: they are never added to counted ones.
      return memory.vram_bytes() > 0 ? vram : double(library.read_bytes + library.written_bytes);
    case KernelColumn::kPcie:
      return double(memory.host_bytes());
    case KernelColumn::kL2Hit:
      return over(double(memory.l2_hit_bytes),
                  double(memory.l2_load_bytes + memory.l2_atomic_bytes));
    case KernelColumn::kL1Hit:
      return over(double(memory.l1_hit_bytes), double(memory.l1_load_bytes));
    case KernelColumn::kShared:
      return kernels.launches > 0 ? double(kernels.shared_bytes()) : NAN;
    case KernelColumn::kWavefronts:
      return over(double(kernels.shared_wavefronts), double(kernels.shared_ideal_wavefronts));
    case KernelColumn::kEfficiency:
      // Streams of older programs do not have it.
      return kernels.lane_bytes > 0 ? over(double(kernels.lane_bytes), double(memory.l1_bytes()))
                                    : NAN;
    case KernelColumn::kMultiplyAdds:
      return kernels.launches > declared.undeclared_launches ? declared.multiply_adds() : NAN;
    case KernelColumn::kIntensity:
      return declared.multiply_adds() > 0 ? over(declared.multiply_adds(), vram) : NAN;
  }
  return NAN;
}

KernelSums sums_of(const Recording& recording, size_t work) {
  KernelSums s{recording.sums_of(work)};
  const Work::Kind kind = recording.works()[work].kind;
  s.launches = kind == Work::kLibrary ? s.library.launches : kind == Work::kFlush ? 0 : 1;
  return s;
}

std::string instance_label(const Recording& recording, size_t work) {
  if (const traffic::LaunchEvent* e = recording.launch(work)) {
    const auto count = [](const std::array<uint32_t, 3>& d) {
      std::string text = std::to_string(d[0]);
      if (d[1] > 1 || d[2] > 1) text += "x" + std::to_string(d[1]);
      if (d[2] > 1) text += "x" + std::to_string(d[2]);
      return text;
    };
    const size_t from = e->kernel.find('<');
    const std::string arguments = from == std::string::npos ? "" : e->kernel.substr(from) + "  ";
    return arguments + count(e->grid) + " blocks of " + count(e->block);
  }
  if (const traffic::CopyEvent* e = recording.copy(work)) {
    if (e->counts.host_to_device_bytes > 0) return "to the GPU";
    if (e->counts.device_to_host_bytes > 0) return "to the host";
    if (e->counts.fill_bytes > 0) return "fills";
    return e->counts.device_to_device_bytes > 0 ? "within VRAM" : "within host RAM";
  }
  return "";
}

}  // namespace viz
