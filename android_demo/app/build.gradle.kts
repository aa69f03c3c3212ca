import org.jetbrains.kotlin.gradle.dsl.JvmTarget
import javax.inject.Inject

plugins {
    alias(libs.plugins.android.application)
    alias(libs.plugins.kotlin.android)
}

val fixtures = providers.gradleProperty("pocketbert.fixtures") // a folder that tests/android_demo/conftest.py made

android {
    namespace = "dev.pocketbert.app"

    // 34 is the newest whose resources the build without an Android SDK can read, and it builds from this number too. Stores ask
    // for a newer target from time to time: raise both numbers here. From 35 on windows lie below the system's bars; Bars.kt sees to it.
    compileSdk = 34

    defaultConfig {
        applicationId = "dev.pocketbert.app"
        minSdk = 26
        targetSdk = 34
        versionCode = 1
        versionName = "0.1.0"
        ndk {
            abiFilters += listOf("arm64-v8a", "x86_64") // those that ExecuTorch is published for
        }
    }

    buildTypes {
        release {
            isMinifyEnabled = true
            proguardFiles(getDefaultProguardFile("proguard-android-optimize.txt"), "proguard-rules.pro")
            signingConfig = signingConfigs.getByName("debug") // it can be installed at once; a store wants a key of yours
        }
    }

    androidResources {
        noCompress += listOf("pte", "tflite", "onnx") // a stored asset can be mapped, a compressed one only copied
    }

    bundle {
        language {
            enableSplit = false // numbers are written in the language of the strings, which may not be the phone's
        }
    }

    packaging {
        jniLibs {
            useLegacyPackaging = false // libraries stay in the APK, stored and aligned, and are loaded from there
            pickFirsts += "**/libc++_shared.so" // more than one runtime may bring the C++ library
        }
    }

    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }

    testOptions {
        unitTests {
            isIncludeAndroidResources = true
            all {
                it.maxHeapSize = "2g"
                it.jvmArgs("--add-opens", "java.base/java.io=ALL-UNNAMED") // Robolectric reaches into FileDescriptor for mapped assets
                // only the debug variant carries the models, see below; elsewhere their tests are skipped with a word why
                if (it.name == "testDebugUnitTest") it.systemProperty("pocketbert.fixtures", fixtures.getOrElse(""))
            }
        }
    }

    lint {
        lintConfig = rootProject.file("lint.xml")
        warningsAsErrors = true
    }
}

kotlin {
    compilerOptions {
        jvmTarget = JvmTarget.JVM_17
        allWarningsAsErrors = true
    }
}

/** The tests' models as assets. */
abstract class TestModels : DefaultTask() {
    @get:InputDirectory
    abstract val folder: DirectoryProperty

    @get:OutputDirectory
    abstract val assets: DirectoryProperty

    @get:Inject
    abstract val files: FileSystemOperations

    @TaskAction
    fun copy() {
        files.sync {
            from(folder) {
                include("*.onnx")
                into("models")
            }
            into(assets)
        }
    }
}

// Unit tests see the assets of the variant that they test and have none of their own. Without the property the app has no more.
if (fixtures.isPresent) {
    val models = tasks.register<TestModels>("testModels") { folder.set(file(fixtures.get())) }
    androidComponents.onVariants(androidComponents.selector().withBuildType("debug")) { variant ->
        variant.sources.assets?.addGeneratedSourceDirectory(models, TestModels::assets)
    }
}

val runtimes = providers.gradleProperty("pocketbert.runtimes").get().split(",").map { it.trim() } // gradle.properties

dependencies {
    implementation(project(":engines"))

    if ("executorch" in runtimes) implementation(libs.executorch.android)
    if ("litert" in runtimes) implementation(libs.litert)
    if ("onnx" in runtimes) implementation(libs.onnxruntime.android)

    testImplementation(libs.junit4)
    testImplementation(libs.robolectric)
    testImplementation(libs.onnxruntime.desktop) // the Android library's classes, with natives for the desktop
}
