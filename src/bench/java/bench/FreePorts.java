package bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** Prints as many loopback ports as it is asked for, free at this moment. */
public final class FreePorts {
    private FreePorts() {}

    public static void main(String[] args) throws IOException {
        ServerSocket[] sockets = new ServerSocket[Integer.parseInt(args[0])];
        for (int i = 0; i < sockets.length; i++) {
            sockets[i] = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        }
        for (ServerSocket socket : sockets) {
            System.out.println(socket.getLocalPort());
            socket.close();
        }
    }
}
