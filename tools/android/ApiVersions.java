import java.io.EOFException;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.GZIPInputStream;
import org.codehaus.mojo.animal_sniffer.Clazz;

/**
 * `java -cp animal-sniffer.jar ApiVersions.java OUT LEAST NEWER NEWEST`: the table of Android's calls that Lint's check NewApi reads,
 * which comes with an SDK otherwise. Each argument after the first is LEVEL=FILE, a file with the signatures of that level. What LEAST
 * has counts as old; the level of anything newer is the first that it may have appeared in: one more than the file before has.
 */
public class ApiVersions {
    public static void main(String[] arguments) throws Exception {
        Map<String, Integer> classes = new TreeMap<>();
        Map<String, Map<String, Integer>> members = new HashMap<>();
        Map<String, Clazz> least = null;
        Map<String, Clazz> found = null;
        int since = 1;
        for (int i = 1; i < arguments.length; i++) {
            String[] level = arguments[i].split("=", 2);
            found = read(level[1]);
            if (least == null) {
                least = found;
            }
            for (Clazz type : found.values()) {
                classes.putIfAbsent(type.getName(), since);
                Map<String, Integer> own = members.computeIfAbsent(type.getName(), name -> new TreeMap<>());
                for (String member : type.getSignatures()) {
                    // what a newer class declares and an older one inherited could be called before
                    own.putIfAbsent(member, inherits(least, type.getName(), member) ? 1 : since);
                }
            }
            since = Integer.parseInt(level[0]) + 1;
        }
        try (PrintStream out = new PrintStream(arguments[0], StandardCharsets.UTF_8)) {
            out.println("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<api version=\"3\">");
            for (Map.Entry<String, Integer> type : classes.entrySet()) {
                write(out, type.getKey(), type.getValue(), found.get(type.getKey()), members.get(type.getKey()));
            }
            out.println("</api>");
        }
    }

    private static void write(PrintStream out, String name, int since, Clazz type, Map<String, Integer> members) {
        out.printf("<class name=\"%s\" since=\"%d\">%n", name, since);
        if (type != null && type.getSuperClass() != null) {
            out.printf("<extends name=\"%s\"/>%n", type.getSuperClass());
        }
        if (type != null) {
            for (String parent : new TreeSet<>(java.util.List.of(type.getSuperInterfaces()))) {
                out.printf("<implements name=\"%s\"/>%n", parent);
            }
        }
        for (Map.Entry<String, Integer> member : members.entrySet()) {
            String own = member.getValue() == since ? "" : " since=\"" + member.getValue() + "\"";
            String kind = member.getKey().contains("(") ? "method" : "field";
            String text = kind.equals("field") ? member.getKey().replaceFirst("#.*", "") : member.getKey();
            out.printf("<%s name=\"%s\"%s/>%n", kind, text.replace("<", "&lt;").replace(">", "&gt;"), own);
        }
        out.println("</class>");
    }

    private static boolean inherits(Map<String, Clazz> level, String name, String member) {
        Clazz type = level.get(name);
        if (type == null || member.startsWith("<init>")) {
            return type != null && type.getSignatures().contains(member);
        }
        if (type.getSignatures().contains(member)) {
            return true;
        }
        for (String parent : type.getSuperInterfaces()) {
            if (inherits(level, parent, member)) {
                return true;
            }
        }
        return type.getSuperClass() != null && inherits(level, type.getSuperClass(), member);
    }

    private static Map<String, Clazz> read(String file) throws IOException, ClassNotFoundException {
        Map<String, Clazz> types = new TreeMap<>();
        try (ObjectInputStream in = new ObjectInputStream(new GZIPInputStream(new FileInputStream(file)))) {
            for (Object next = in.readObject(); next != null; next = in.readObject()) {
                types.put(((Clazz) next).getName(), (Clazz) next);
            }
        } catch (EOFException end) {
            return types;
        }
        return types;
    }
}
