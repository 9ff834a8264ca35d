using EventFiles.Infrastructure.Embedded;
using Npgsql;

namespace EventFiles.Host.Commands;

/// <summary>A connection URL as operators write it: <c>postgresql://user:password@host:port/database</c>.</summary>
internal static class DatabaseUrl
{
    /// <summary>For Npgsql.</summary>
    /// <exception cref="EmbeddedException">It is no such URL.</exception>
    public static NpgsqlConnectionStringBuilder Read(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("postgresql" or "postgres"))
            throw new EmbeddedException("A database URL looks like this: postgresql://user:password@host:port/database");
        var user = url.UserInfo.Split(':', 2);
        var read = new NpgsqlConnectionStringBuilder
        {
            Host = url.Host,
            Port = url.IsDefaultPort || url.Port < 0 ? 5432 : url.Port,
            Username = Uri.UnescapeDataString(user[0]),
            Database = Uri.UnescapeDataString(url.AbsolutePath.Trim('/')),
        };
        if (user.Length > 1)
            read.Password = Uri.UnescapeDataString(user[1]);
        return read;
    }
}
