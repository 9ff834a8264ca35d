using System.Collections.Concurrent;
using System.Reflection;

namespace EventFiles.Infrastructure.Auditing;

/// <summary>What a request is about, from the types of its properties: no request has to say so twice.</summary>
internal static class RequestTargets
{
    private static readonly ConcurrentDictionary<Type, PropertyInfo[]> Known = new();

    public static RequestTarget Of(object request)
    {
        var about = default(RequestTarget);
        foreach (var property in Known.GetOrAdd(request.GetType(), Telling))
        {
            about = property.GetValue(request) switch
            {
                FileId file => about with { File = about.File ?? file },
                FolderId folder => about with { Folder = about.Folder ?? folder },
                AccountId account => about with { Account = about.Account ?? account },
                INamesTarget { Target: var named } => about with { File = about.File ?? named.File, Folder = about.Folder ?? named.Folder },
                _ => about,
            };
        }

        return about;
    }

    private static PropertyInfo[] Telling(Type request) =>
        [.. request.GetProperties().Where(property => (Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType) is var type
            && (type == typeof(FileId) || type == typeof(FolderId) || type == typeof(AccountId) || type.IsAssignableTo(typeof(INamesTarget))))];
}
