package import Domain

// What a technician reads of a machine: what is the matter, and what to do next.

extension MachineBlocker {
  /// The hindrance in people's words, with the next step.
  package var text: Text {
    switch self {
    case .estop: Text(zh: "急停按下：排除危险后松开", en: "emergency stop: release it when it is safe")
    case .resetNeeded:
      Text(zh: "等待复位：按面板“取消”", en: "waits for a reset: press CANCEL at the panel")
    case .overheated:
      Text(zh: "过热：等它冷却，查温控和风扇", en: "overheated: let it cool, check controller and fan")
    case .guardOpen: Text(zh: "护罩打开：请关好", en: "the guard is open: close it")
    case .fault:
      Text(zh: "机器报故障：看机器上的显示", en: "the machine reports a fault: see its own display")
    case .noMaterial:
      Text(zh: "膜、带或胶带用完：请换上", en: "film, strap or tape has run out: put in more")
    case .notReady:
      Text(zh: "机器未就绪：查它的开关和电源", en: "the machine is not ready: check its switch and power")
    case .cold:
      Text(
        zh: "还没热：按一次“确认”开始加热，等到温",
        en: "cold: a press of GO starts the heater; wait for it"
      )
    case .busy: Text(zh: "正在运行或停顿中", en: "running, or resting between two cycles")
    }
  }
}

extension MachineLatch {
  /// What switched it off, in people's words.
  package var text: Text {
    switch self {
    case .estop: Text(zh: "急停", en: "emergency stop")
    case .guardOpened: Text(zh: "运行中打开了护罩", en: "the guard was opened while it was on")
    case .overheated: Text(zh: "过热", en: "overheated")
    case .overrun: Text(zh: "输出超时", en: "an output was on for too long")
    case .unwatched: Text(zh: "看门狗脉冲中断", en: "the pulses for the watchdog relay stopped")
    }
  }
}

extension CycleFault {
  /// How a cycle went wrong, in people's words, with the next step.
  package var text: Text {
    switch self {
    case .estop: Text(zh: "急停打断", en: "ended by the emergency stop")
    case .guardOpened: Text(zh: "护罩打断", en: "ended by the guard")
    case .overheated: Text(zh: "过热打断", en: "ended by overheating")
    case .fault:
      Text(zh: "机器报故障：看机器上的显示", en: "the machine reported a fault: see its own display")
    case .neverStarted:
      Text(
        zh: "没有启动：查启动触点接线和机器电源",
        en: "it never began: check the start contact's wires and its power"
      )
    case .neverEnded:
      Text(
        zh: "没有结束：查卡料和运行触点",
        en: "it never ended: look for a jam, check the busy contact"
      )
    case .noDonePulse:
      Text(
        zh: "没有完成脉冲：查完成触点；脉冲太短就减小 debounce",
        en: "no pulse of a good end: check that contact; of a short pulse lower its debounce"
      )
    case .overrun:
      Text(
        zh: "输出超时被切断：查 most 和机器",
        en: "an output was on for too long: check `most` and the machine"
      )
    case .unwatched:
      Text(
        zh: "看门狗脉冲中断：看 `journalctl -u yizhand`",
        en: "the pulses for the watchdog relay stopped: see `journalctl -u yizhand`"
      )
    }
  }
}

extension MachineOddity {
  /// Contacts that contradict each other, in people's words, with the next step.
  package var text: Text {
    switch self {
    case .doneBeforeBusy:
      Text(
        zh: "还没运行就有完成脉冲：两个触点可能接反",
        en: "a pulse of a good end before it began: are the two contacts exchanged?"
      )
    case .secondDone:
      Text(
        zh: "一次作业两个完成脉冲：触点抖动，加大 debounce",
        en: "two pulses of a good end in one cycle: the contact chatters, raise its debounce"
      )
    case .strayDone:
      Text(
        zh: "没有启动却有完成脉冲：查完成触点的线",
        en: "a pulse of a good end, and nothing was started: check that contact's wire"
      )
    case .unbidden:
      Text(
        zh: "没有启动却在运行：有人踩了原来的踏板，或触点粘住",
        en: "it runs, and nothing was started: its own pedal, or a contact that sticks"
      )
    case .staysCold:
      Text(
        zh: "加热很久仍不到温：查加热丝、保险和温控",
        en: "it heats for long and stays cold: check heater, fuse and controller"
      )
    }
  }
}
