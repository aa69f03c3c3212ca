package dev.pocketbert.app

import android.content.Context
import android.content.Intent
import android.content.IntentFilter
import android.content.pm.ApplicationInfo
import android.os.BatteryManager
import android.os.Build
import android.os.PowerManager
import dev.pocketbert.bench.Environment
import dev.pocketbert.bench.Linux

/** What the phone says of itself before, during and after a measurement. */
internal class Phone(private val context: Context, private val linux: Linux = Linux()) {
    private val power = context.getSystemService(PowerManager::class.java)
    private var worst: Int? = null

    fun before(): Environment {
        worst = null
        look()
        val battery = battery()
        return Environment(
            device = "android",
            model = "${Build.MANUFACTURER} ${Build.MODEL}",
            cpu = if (Build.VERSION.SDK_INT >= 31) "${Build.SOC_MANUFACTURER} ${Build.SOC_MODEL}" else Build.HARDWARE,
            architecture = Build.SUPPORTED_ABIS.firstOrNull(),
            cores = Runtime.getRuntime().availableProcessors(),
            features = linux.features(),
            memory = linux.memory(),
            system = "Android ${Build.VERSION.RELEASE} (API ${Build.VERSION.SDK_INT}), Linux ${System.getProperty("os.version")}",
            governor = linux.governor(),
            frequencyBefore = linux.frequency(),
            frequencyLimit = linux.frequencyLimit(),
            loadBefore = linux.load(),
            temperatureBefore = linux.temperature(),
            thermalBefore = name(thermal()),
            batteryBefore = percent(battery),
            charging = charging(battery),
            powerSaver = power.isPowerSaveMode,
            debuggable = context.applicationInfo.flags and ApplicationInfo.FLAG_DEBUGGABLE != 0,
            screenOff = !power.isInteractive,
            versions = mapOf("dev.pocketbert.app" to version()),
        )
    }

    /** To be called now and then during the run, in between texts: throttling comes and goes. */
    fun look() {
        val now = thermal() ?: return
        worst = maxOf(worst ?: now, now)
    }

    fun after(before: Environment): Environment {
        look()
        val battery = battery()
        return before.copy(
            frequencyAfter = linux.frequency(),
            loadAfter = linux.load(),
            temperatureAfter = linux.temperature(),
            thermalAfter = name(thermal()),
            thermalWorst = name(worst),
            batteryAfter = percent(battery),
            charging = if (before.charging == true) charging(battery) else before.charging,
            powerSaver = before.powerSaver == true || power.isPowerSaveMode,
            screenOff = before.screenOff == true || !power.isInteractive,
        )
    }

    fun resident(): Map<String, Long> = linux.resident()

    fun resetPeak(): Boolean = linux.resetPeak()

    /** Null before Android 10, which has no word for it. */
    private fun thermal(): Int? = if (Build.VERSION.SDK_INT >= 29) power.currentThermalStatus else null

    private fun name(status: Int?) = status?.let { THERMAL.getOrElse(it) { _ -> "status $it" } }

    private fun battery(): Intent? = context.registerReceiver(null, IntentFilter(Intent.ACTION_BATTERY_CHANGED))

    private fun percent(battery: Intent?): Double? {
        val level = battery?.getIntExtra(BatteryManager.EXTRA_LEVEL, -1) ?: return null
        val scale = battery.getIntExtra(BatteryManager.EXTRA_SCALE, -1)
        return if (level >= 0 && scale > 0) 100.0 * level / scale else null
    }

    /** Whether a charger is connected. */
    private fun charging(battery: Intent?): Boolean? =
        battery?.getIntExtra(BatteryManager.EXTRA_PLUGGED, -1)?.takeIf { it >= 0 }?.let { it != 0 }

    private fun version(): String {
        @Suppress("DEPRECATION") // its successor is of API 33
        return context.packageManager.getPackageInfo(context.packageName, 0).versionName.orEmpty()
    }

    private companion object {
        /** The names of PowerManager.THERMAL_STATUS_… in the order of their numbers. */
        val THERMAL = listOf("none", "light", "moderate", "severe", "critical", "emergency", "shutdown")
    }
}
