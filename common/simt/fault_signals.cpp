// Catches the signals that a kernel's mistakes raise, and the watchdog's, and turns them into
// reports.
#include <signal.h>
#include <ucontext.h>

#include <cstdlib>
#include <string>

#include "common/simt/faults.h"

namespace simt {
namespace {

// What the signal handler leaves for fault_landing.
struct Caught {
  int signal = 0;
  const void* address = nullptr;
  uint64_t pc = 0;
  const char* verb = "accesses ";
  bool has_address = false;
};
__thread Caught caught;

// Runs on the worker's fault stack, as if the kernel had called it at the faulting instruction.
void fault_landing() {
  Worker& worker = *this_worker;
  if (caught.signal == watchdog_signal()) report_hang(worker, caught.pc);
  if (caught.signal == SIGFPE) {
    report(worker, cudaErrorLaunchFailure, "divides an integer by zero", caught.pc);
  }
  if (caught.signal == SIGILL) {
    report(worker, cudaErrorIllegalInstruction, "runs an illegal instruction", caught.pc);
  }
  if (!caught.has_address) {
    report(worker, cudaErrorMisalignedAddress, "accesses a misaligned or non-canonical address",
           caught.pc);
  }
  if (worker.stacks.in_guard(caught.address)) {
    report(worker, cudaErrorHardwareStackError,
           "overflows its stack of " + bytes_text(kStackBytes) + " (local memory)", caught.pc);
  }
  report(worker, cudaErrorIllegalAddress,
         std::string(caught.verb) + address_text(worker, caught.address), caught.pc);
}

void redirect(ucontext_t* context, Worker& worker) {
  auto sp = reinterpret_cast<uintptr_t>(worker.fault_stack) & ~uintptr_t{15};
#if defined(__x86_64__)
  caught.pc = static_cast<uint64_t>(context->uc_mcontext.gregs[REG_RIP]);
  caught.verb = (context->uc_mcontext.gregs[REG_ERR] & 2) != 0 ? "writes " : "reads ";
  context->uc_mcontext.gregs[REG_RIP] = reinterpret_cast<greg_t>(&fault_landing);
  context->uc_mcontext.gregs[REG_RSP] = static_cast<greg_t>(sp - 8);
#else
  caught.pc = context->uc_mcontext.pc;
  caught.verb = "accesses ";  // the signal does not say which way
  context->uc_mcontext.pc = reinterpret_cast<uint64_t>(&fault_landing);
  context->uc_mcontext.sp = sp;
#endif
}

void on_signal(int signal, siginfo_t* info, void* raw_context) {
  Worker* worker = this_worker;
  if (signal == watchdog_signal()) {
    if (worker == nullptr || current_thread == nullptr) return;
    if (worker->in_runtime != 0) {
      worker->abort_pending = true;
      return;
    }
  } else if (worker == nullptr || current_thread == nullptr || worker->in_runtime != 0) {
    ::signal(signal, SIG_DFL);  // not a kernel's doing: the default action, at the same instruction
    return;
  }
  caught.signal = signal;
  caught.address = info->si_addr;
  caught.has_address = signal == SIGSEGV ? info->si_code > 0 && info->si_code != SI_KERNEL : true;
  redirect(static_cast<ucontext_t*>(raw_context), *worker);
}

}  // namespace

int watchdog_signal() { return SIGRTMIN + 3; }

void install_fault_handlers() {
  struct sigaction now = {};
  sigaction(SIGSEGV, nullptr, &now);
  if ((now.sa_flags & SA_SIGINFO) && now.sa_sigaction == on_signal) return;
  struct sigaction action = {};
  action.sa_sigaction = on_signal;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
  sigemptyset(&action.sa_mask);
  for (int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, watchdog_signal()}) {
    sigaction(signal, &action, nullptr);
  }
}

void prepare_for_faults(Worker& worker) {
  constexpr size_t kSignalStack = 64 << 10, kWorkerStack = 256 << 10;
  thread_local bool has_signal_stack = false;
  if (!has_signal_stack) {
    stack_t stack = {};
    stack.ss_sp = std::malloc(kSignalStack);
    stack.ss_size = kSignalStack;
    sigaltstack(&stack, nullptr);
    has_signal_stack = true;
  }
  for (char** top : {&worker.fault_stack, &worker.scheduler_stack, &worker.report_stack}) {
    if (*top == nullptr)
      *top = static_cast<char*>(std::aligned_alloc(64, kWorkerStack)) + kWorkerStack;
  }
}

}  // namespace simt
