export declare const API_VERSION = "1.0";
export interface Manifest {
    readonly api: string;
    readonly id: string;
    readonly name: string;
    readonly vendor: string;
    readonly version: string;
    readonly description?: string;
    readonly license?: string;
    readonly url?: string;
    readonly features: readonly string[];
    readonly entry: {
        readonly wasm: string;
    } | {
        readonly module: string;
    };
    readonly inputs: readonly PortInfo[];
    readonly outputs: readonly PortInfo[];
    readonly params: readonly ParamInfo[];
    readonly meters?: readonly MeterInfo[];
    readonly presets?: readonly string[];
    readonly resources?: readonly string[];
    readonly extensions?: readonly ExtensionId[];
    readonly uses?: readonly ExtensionId[];
    readonly requires?: readonly ExtensionId[];
    readonly stateVersion?: number;
    readonly replaces?: readonly {
        readonly id: string;
        readonly params?: Readonly<Record<string, string>>;
    }[];
    readonly onFault?: "bypass" | "silence";
}
export type Layout = "mono" | "stereo" | "lcr" | "quad" | "5.1" | "7.1" | "7.1.4" | `discrete:${number}`;
export interface PortInfo {
    readonly id: string;
    readonly name: string;
    readonly role: "main" | "sidechain" | "aux";
    readonly layouts: readonly Layout[];
}
export type Unit = "dB" | "dBFS" | "dBTP" | "LUFS" | "Hz" | "s" | "ms" | "frames" | "beats" | "bpm" | "ratio" | "percent" | "semitone" | "cent" | "degree" | "bool" | "none";
export interface ParamInfo {
    readonly id: string;
    readonly name: string;
    readonly group?: string;
    readonly unit: Unit;
    readonly min: number;
    readonly max: number;
    readonly default: number;
    readonly scale?: "linear" | "log" | {
        readonly power: number;
    };
    readonly step?: number;
    readonly format?: Format;
    readonly choices?: readonly {
        readonly id: string;
        readonly label: string;
    }[];
    readonly applies?: "live" | "restart";
    readonly automatable?: boolean;
    readonly hidden?: boolean;
    readonly role?: "mix" | "bypass" | "output-gain";
    readonly aliases?: readonly string[];
    readonly since?: string;
    readonly legacy?: number;
}
export interface Format {
    readonly digits?: number;
    readonly si?: boolean;
    readonly sign?: boolean;
    readonly atMin?: string;
    readonly atMax?: string;
}
export interface MeterInfo {
    readonly id: string;
    readonly name: string;
    readonly kind: "gain-change" | "level" | "correlation" | "phase" | "scalar";
    readonly unit: Unit;
    readonly min: number;
    readonly max: number;
}
export interface Preset {
    readonly name: string;
    readonly description: string;
    readonly params: Readonly<Record<string, number | string>>;
}
export interface Plugin {
    activate(setup: ProcessSetup, host: Host): Processor;
}
export interface ProcessSetup {
    readonly sampleRateHz: number;
    readonly maxFrames: number;
    readonly seed: number;
    readonly mode: "realtime" | "offline";
    readonly inputs: readonly PortSetup[];
    readonly outputs: readonly PortSetup[];
    readonly params: Float64Array;
    readonly state: SavedState | null;
}
export interface PortSetup {
    readonly layout: Layout;
    readonly channels: number;
    readonly connected: boolean;
}
export interface SavedState {
    readonly version: number;
    readonly bytes: Uint8Array;
}
export interface Processor {
    readonly latencyFrames: number;
    readonly tailFrames: number;
    reset(): void;
    process(block: Block): number;
    extension?<I extends keyof PluginExtensions>(id: I): PluginExtensions[I] | undefined;
    dispose?(): void;
}
export interface Block {
    readonly frames: number;
    readonly inputs: readonly (readonly Float32Array[])[];
    readonly outputs: readonly (readonly Float32Array[])[];
    readonly params: Float64Array;
    readonly meters: Float32Array;
    readonly silentInputs: Uint32Array;
    readonly silentOutputs: Uint32Array;
    readonly transport: Transport | null;
}
export interface Transport {
    readonly playing: boolean;
    readonly frame: number;
    readonly tempoBpm: number;
    readonly anchorFrame: number;
    readonly anchorBeat: number;
    readonly numerator: number;
    readonly denominator: number;
    readonly loopStartBeat: number;
    readonly loopEndBeat: number;
}
export declare function definePlugin(plugin: Plugin): Plugin;
export type ExtensionId = `${string}/${number}`;
export interface Host {
    readonly api: string;
    readonly name: string;
    extension<I extends keyof HostExtensions>(id: I): HostExtensions[I] | undefined;
}
export interface PluginExtensions {
    "state/1": StateExtension;
    "curve/1": CurveExtension;
}
export interface HostExtensions {
    "log/1": LogExtension;
    "resource/1": ResourceExtension;
}
export interface StateExtension {
    save(): Uint8Array;
}
export interface CurveExtension {
    curve(kind: "magnitude" | "transfer", x: Float64Array, y: Float64Array): boolean;
}
export interface LogExtension {
    log(level: "debug" | "info" | "warn" | "error", text: string): void;
}
export interface ResourceExtension {
    read(path: string): Uint8Array | undefined;
}
