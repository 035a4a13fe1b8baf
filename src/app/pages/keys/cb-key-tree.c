/* cb-key-tree.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-key-tree.h"

/* So many selected rows are found again where they move. */
#define MAX_CHOSEN 100
/* So many rows are sorted at once, and so many again and again while more come. */
#define SORT_AT_ONCE 1000
#define SORT_OFTEN 5000
#define SORT_MSEC 300
/* So many folders that are alone in theirs are expanded with it. */
#define MOST_LONE 32

/* A list that is shown: that at the top, or that of an expanded folder. */
typedef struct _Node Node;

struct _Node
{
  CbKeyTree *tree;
  CbKeyList *list;     /* (owned) */
  Node *parent;        /* (nullable) */
  CbFolderId folder;
  guint index;         /* of the folder's row in the list of the parent */
  guint depth;
  guint n_own;         /* rows of the list */
  guint n_rows;        /* and of all below */
  GPtrArray *children; /* (owned) (element-type Node) by their index */
  gboolean unsorted;   /* rows have come since */
};

struct _CbKeyTree
{
  GObject parent_instance;

  CbKeyFinder *finder;       /* (owned) (nullable) */
  CbKeyStore *store;         /* (owned) (nullable) of it */
  Node *root;                /* (owned) (nullable) */
  GHashTable *nodes;         /* (owned) folder → (unowned) Node */
  GHashTable *expanded;      /* (owned) (element-type GBytes) paths */
  GHashTable *items;         /* (owned) what → (unowned) CbKeyItem that somebody holds */
  GtkBitset *selected;       /* (owned) */
  GHashTable *chosen;        /* (owned) what is selected, when that are not many */
  gboolean flat;

  gboolean sorted;
  gboolean descending;
  GArray *weights;           /* (owned) (nullable) */
  gboolean sorting;          /* what changes is the order */
  guint sort_id;
  CbKeyList *sorted_list;    /* (owned) (nullable) that another thread is at */
  GCancellable *sort_cancellable; /* (owned) (nullable) */
};

static void list_model_init (GListModelInterface *iface);
static void selection_model_init (GtkSelectionModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (CbKeyTree, cb_key_tree, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init)
                               G_IMPLEMENT_INTERFACE (GTK_TYPE_SELECTION_MODEL, selection_model_init))

static void expand (CbKeyTree *self, Node *parent, guint index, CbFolderId folder);
static void sort_later (CbKeyTree *self);

/* A key or a folder as the key of a hash table, never NULL. */
static gpointer
what_of (CbKeyId key, CbFolderId folder)
{
  return GSIZE_TO_POINTER (((gsize) (key != CB_KEY_NONE ? key : folder) << 2) | (key != CB_KEY_NONE ? 1 : 2));
}

/* ---- rows ---- */

/* Which row of the parent's flattened rows the index of its list is. */
static guint
offset_of (Node *node, guint index)
{
  guint offset = index;

  for (guint i = 0; i < node->children->len; i++)
    {
      Node *child = g_ptr_array_index (node->children, i);

      if (child->index >= index)
        break;
      offset += child->n_rows;
    }
  return offset;
}

static guint
position_of (Node *node, guint index)
{
  guint position = offset_of (node, index);

  if (node->parent != NULL)
    position += position_of (node->parent, node->index) + 1;
  return position;
}

static Node *
find_row (CbKeyTree *self, guint position, guint *index)
{
  Node *node = self->root;

  if (node == NULL || position >= node->n_rows)
    return NULL;

  for (;;)
    {
      Node *inside = NULL;
      guint before = 0;

      for (guint i = 0; i < node->children->len && inside == NULL; i++)
        {
          Node *child = g_ptr_array_index (node->children, i);
          guint row = child->index + before;

          if (position <= row)
            break;
          if (position <= row + child->n_rows)
            {
              position -= row + 1;
              inside = child;
            }
          else
            {
              before += child->n_rows;
            }
        }
      if (inside == NULL)
        {
          *index = position - before;
          return node;
        }
      node = inside;
    }
}

static gpointer
get_what (CbKeyTree *self, guint position)
{
  CbFolderId folder;
  CbKeyId key;
  guint index;
  Node *node = find_row (self, position, &index);

  return node != NULL && cb_key_list_peek (node->list, index, &key, &folder) ? what_of (key, folder) : NULL;
}

/* GTK_INVALID_LIST_POSITION where it is not in a list that is shown. */
static guint
find_what (CbKeyTree *self, gpointer what)
{
  guint32 id = GPOINTER_TO_SIZE (what) >> 2;
  gboolean is_key = (GPOINTER_TO_SIZE (what) & 1) != 0;
  CbFolderId in = is_key ? cb_key_store_get_key_folder (self->store, id) : cb_key_store_get_parent (self->store, id);
  Node *node = g_hash_table_lookup (self->nodes, GUINT_TO_POINTER (self->flat ? CB_FOLDER_ROOT : in));
  guint index = node != NULL ? cb_key_list_find (node->list, is_key ? id : CB_KEY_NONE, is_key ? CB_FOLDER_ROOT : id) : G_MAXUINT;

  return index != G_MAXUINT ? position_of (node, index) : GTK_INVALID_LIST_POSITION;
}

static void
forget_item (gpointer data, GObject *item)
{
  g_hash_table_remove (CB_KEY_TREE (data)->items, g_object_get_data (item, "what"));
}

static void
forget_items (CbKeyTree *self)
{
  GHashTableIter iter;
  gpointer item;

  g_hash_table_iter_init (&iter, self->items);
  while (g_hash_table_iter_next (&iter, NULL, &item))
    {
      g_object_weak_unref (item, forget_item, self);
      g_hash_table_iter_remove (&iter);
    }
}

static CbKeyItem *
peek_item (CbKeyTree *self, CbKeyId key, CbFolderId folder)
{
  return g_hash_table_lookup (self->items, what_of (key, folder));
}

static GType
cb_key_tree_get_item_type (GListModel *model)
{
  return CB_TYPE_KEY_ITEM;
}

static guint
cb_key_tree_get_n_items (GListModel *model)
{
  CbKeyTree *self = CB_KEY_TREE (model);

  return self->root != NULL ? self->root->n_rows : 0;
}

static gboolean
is_partial (CbKeyTree *self)
{
  return self->finder != NULL && !cb_key_finder_get_done (self->finder);
}

static gpointer
cb_key_tree_get_item (GListModel *model, guint position)
{
  CbKeyTree *self = CB_KEY_TREE (model);
  g_autoptr (CbKeyRow) row = NULL;
  gpointer what = get_what (self, position);
  CbKeyItem *item;
  guint index;
  Node *node;

  if (what == NULL)
    return NULL;
  item = g_hash_table_lookup (self->items, what);
  if (item != NULL)
    return g_object_ref (item);

  node = find_row (self, position, &index);
  row = g_list_model_get_item (G_LIST_MODEL (node->list), index);
  item = cb_key_item_new (row, node->depth, self->flat);
  cb_key_item_count (item, is_partial (self));
  if (cb_key_row_is_folder (row))
    cb_key_item_set_expanded (item, g_hash_table_contains (self->nodes, GUINT_TO_POINTER (cb_key_row_get_folder (row))));
  g_object_set_data (G_OBJECT (item), "what", what);
  g_hash_table_insert (self->items, what, item);
  g_object_weak_ref (G_OBJECT (item), forget_item, self);
  return item;
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = cb_key_tree_get_item_type;
  iface->get_n_items = cb_key_tree_get_n_items;
  iface->get_item = cb_key_tree_get_item;
}

/* ---- selection ---- */

static gboolean
cb_key_tree_is_selected (GtkSelectionModel *model, guint position)
{
  return gtk_bitset_contains (CB_KEY_TREE (model)->selected, position);
}

static GtkBitset *
cb_key_tree_get_selection_in_range (GtkSelectionModel *model, guint position, guint n_items)
{
  return gtk_bitset_ref (CB_KEY_TREE (model)->selected);
}

static void
remember_chosen (CbKeyTree *self)
{
  GtkBitsetIter iter;
  guint position;

  g_hash_table_remove_all (self->chosen);
  if (gtk_bitset_get_size (self->selected) > MAX_CHOSEN)
    return;

  for (gboolean more = gtk_bitset_iter_init_first (&iter, self->selected, &position); more;
       more = gtk_bitset_iter_next (&iter, &position))
    {
      gpointer what = get_what (self, position);

      if (what != NULL)
        g_hash_table_add (self->chosen, what);
    }
}

static gboolean
cb_key_tree_set_selection (GtkSelectionModel *model, GtkBitset *selected, GtkBitset *mask)
{
  CbKeyTree *self = CB_KEY_TREE (model);
  g_autoptr (GtkBitset) changed = gtk_bitset_copy (self->selected);
  guint first, last;

  /* Of what is in the mask, that of which both say something else. */
  gtk_bitset_difference (changed, selected);
  gtk_bitset_intersect (changed, mask);
  if (gtk_bitset_is_empty (changed))
    return TRUE;

  first = gtk_bitset_get_minimum (changed);
  last = gtk_bitset_get_maximum (changed);
  gtk_bitset_difference (self->selected, changed);
  remember_chosen (self);
  gtk_selection_model_selection_changed (model, first, last - first + 1);
  return TRUE;
}

static void
selection_model_init (GtkSelectionModelInterface *iface)
{
  iface->is_selected = cb_key_tree_is_selected;
  iface->get_selection_in_range = cb_key_tree_get_selection_in_range;
  iface->set_selection = cb_key_tree_set_selection;
}

/* Rows moved within this stretch; those that were selected are so where they are now. */
static void
select_chosen (CbKeyTree *self, guint position, guint n_items)
{
  GHashTableIter iter;
  gpointer what;

  g_hash_table_iter_init (&iter, self->chosen);
  while (g_hash_table_iter_next (&iter, &what, NULL))
    {
      guint row = find_what (self, what);

      if (row == GTK_INVALID_LIST_POSITION)
        g_hash_table_iter_remove (&iter);
      else if (row >= position && row - position < n_items)
        gtk_bitset_add (self->selected, row);
    }
}

/* The rows have changed already, this tells of it. */
static void
change_rows (CbKeyTree *self, guint position, guint removed, guint added)
{
  gboolean was_selected = FALSE;

  if (removed == 0 && added == 0)
    return;

  if (removed > 0 && !gtk_bitset_is_empty (self->selected))
    {
      g_autoptr (GtkBitset) lost = gtk_bitset_new_range (position, removed);

      gtk_bitset_intersect (lost, self->selected);
      was_selected = !gtk_bitset_is_empty (lost);
    }
  gtk_bitset_splice (self->selected, position, removed, added);
  if (was_selected)
    select_chosen (self, position, added);
  g_list_model_items_changed (G_LIST_MODEL (self), position, removed, added);
  /* What is selected is told with the rows, but for those who only listen to the selection. Without a row there is nothing to tell
   * about. */
  if (was_selected && self->root->n_rows > 0)
    gtk_selection_model_selection_changed (GTK_SELECTION_MODEL (self), MIN (position, self->root->n_rows - 1), 1);
}

/* ---- nodes ---- */

static void
add_rows (Node *node, int by)
{
  for (; node != NULL; node = node->parent)
    node->n_rows += by;
}

static void list_changed_cb (CbKeyList *list, guint position, guint removed, guint added, Node *node);

static void
node_free (Node *node)
{
  CbKeyTree *self = node->tree;
  CbKeyItem *item = node->parent != NULL ? peek_item (self, CB_KEY_NONE, node->folder) : NULL;

  g_hash_table_remove (self->nodes, GUINT_TO_POINTER (node->folder));
  g_signal_handlers_disconnect_by_data (node->list, node);
  g_ptr_array_unref (node->children);
  g_object_unref (node->list);
  if (item != NULL)
    cb_key_item_set_expanded (item, FALSE);
  g_free (node);
}

static Node *
node_new (CbKeyTree *self, Node *parent, CbFolderId folder, guint index)
{
  Node *node = g_new0 (Node, 1);

  node->tree = self;
  node->parent = parent;
  node->folder = folder;
  node->index = index;
  node->depth = parent != NULL ? parent->depth + 1 : 0;
  node->children = g_ptr_array_new_with_free_func ((GDestroyNotify) node_free);
  node->list = self->flat ? cb_key_finder_list_all (self->finder) : cb_key_finder_list_folder (self->finder, folder);
  node->unsorted = TRUE;
  if (self->sorted && g_list_model_get_n_items (G_LIST_MODEL (node->list)) <= SORT_AT_ONCE)
    {
      cb_key_list_sort (node->list, self->weights, self->descending);
      node->unsorted = FALSE;
    }
  else
    {
      sort_later (self);
    }
  node->n_own = node->n_rows = g_list_model_get_n_items (G_LIST_MODEL (node->list));
  g_signal_connect (node->list, "items-changed", G_CALLBACK (list_changed_cb), node);
  g_hash_table_insert (self->nodes, GUINT_TO_POINTER (folder), node);
  return node;
}

static int
compare_nodes (gconstpointer a, gconstpointer b)
{
  const Node *first = *(const Node *const *) a;
  const Node *second = *(const Node *const *) b;

  return first->index < second->index ? -1 : first->index > second->index;
}

/* Folders among new rows that were expanded before. */
static void
expand_again (Node *node, guint position, guint added)
{
  CbKeyTree *self = node->tree;

  if (self->flat || g_hash_table_size (self->expanded) == 0)
    return;

  for (guint i = position; i < position + added; i++)
    {
      g_autoptr (GBytes) path = NULL;
      CbFolderId folder;
      CbKeyId key;
      gsize length;
      const char *name;

      if (!cb_key_list_peek (node->list, i, &key, &folder) || key != CB_KEY_NONE ||
          g_hash_table_contains (self->nodes, GUINT_TO_POINTER (folder)))
        continue;
      name = cb_key_store_get_folder_path (self->store, folder, &length);
      path = g_bytes_new_static (name, length);
      if (g_hash_table_contains (self->expanded, path))
        expand (self, node, i, folder);
    }
}

static void
list_changed_cb (CbKeyList *list, guint position, guint removed, guint added, Node *node)
{
  CbKeyTree *self = node->tree;
  g_autoptr (GPtrArray) lost = g_ptr_array_new_with_free_func ((GDestroyNotify) node_free);
  guint start = position_of (node, position);
  guint n_removed = removed;
  guint n_added = added;

  for (guint i = node->children->len; i > 0; i--)
    {
      Node *child = g_ptr_array_index (node->children, i - 1);

      if (child->index < position)
        break;
      if (child->index - position >= removed)
        {
          child->index += added - removed;
          continue;
        }
      n_removed += child->n_rows;
      child->index = cb_key_list_find (list, CB_KEY_NONE, child->folder);
      if (child->index != G_MAXUINT)
        n_added += child->n_rows;
      else
        g_ptr_array_add (lost, g_ptr_array_steal_index (node->children, i - 1));
    }
  g_ptr_array_sort (node->children, compare_nodes);
  node->n_own += added - removed;
  add_rows (node, (int) (n_added - n_removed));
  g_ptr_array_set_size (lost, 0);
  if (added > 0 && !self->sorting)
    {
      node->unsorted = TRUE;
      sort_later (self);
    }
  change_rows (self, start, n_removed, n_added);
  expand_again (node, position, added);
}

static void
expand (CbKeyTree *self, Node *parent, guint index, CbFolderId folder)
{
  Node *node = node_new (self, parent, folder, index);
  CbKeyItem *item = peek_item (self, CB_KEY_NONE, folder);
  guint n_rows = node->n_rows;

  g_ptr_array_add (parent->children, node);
  g_ptr_array_sort (parent->children, compare_nodes);
  add_rows (parent, (int) n_rows);
  if (item != NULL)
    cb_key_item_set_expanded (item, TRUE);
  change_rows (self, position_of (parent, index) + 1, 0, n_rows);
  expand_again (node, 0, n_rows);
}

static void
collapse (CbKeyTree *self, Node *node)
{
  guint start = position_of (node->parent, node->index) + 1;
  guint n_rows = node->n_rows;

  add_rows (node->parent, -(int) n_rows);
  g_ptr_array_remove (node->parent->children, node);
  change_rows (self, start, n_rows, 0);
}

static GBytes *
dup_path (CbKeyTree *self, CbFolderId folder)
{
  gsize length;
  const char *path = cb_key_store_get_folder_path (self->store, folder, &length);

  return g_bytes_new (path, length);
}

/* ---- object ---- */

static void
unsort (CbKeyTree *self)
{
  GHashTableIter iter;
  gpointer node;

  g_hash_table_iter_init (&iter, self->nodes);
  while (g_hash_table_iter_next (&iter, NULL, &node))
    ((Node *) node)->unsorted = TRUE;
  sort_later (self);
}

static void
clear (CbKeyTree *self)
{
  g_clear_handle_id (&self->sort_id, g_source_remove);
  if (self->sort_cancellable != NULL)
    g_cancellable_cancel (self->sort_cancellable);
  g_clear_object (&self->sort_cancellable);
  g_clear_object (&self->sorted_list);
  forget_items (self);
  g_clear_pointer (&self->root, node_free);
  g_hash_table_remove_all (self->chosen);
  gtk_bitset_remove_all (self->selected);
  g_clear_pointer (&self->store, cb_key_store_unref);
  if (self->finder != NULL)
    g_signal_handlers_disconnect_by_data (self->finder, self);
  g_clear_object (&self->finder);
}

static void
cb_key_tree_dispose (GObject *object)
{
  clear (CB_KEY_TREE (object));

  G_OBJECT_CLASS (cb_key_tree_parent_class)->dispose (object);
}

static void
cb_key_tree_finalize (GObject *object)
{
  CbKeyTree *self = CB_KEY_TREE (object);

  g_hash_table_unref (self->nodes);
  g_hash_table_unref (self->expanded);
  g_hash_table_unref (self->items);
  g_hash_table_unref (self->chosen);
  gtk_bitset_unref (self->selected);
  g_clear_pointer (&self->weights, g_array_unref);

  G_OBJECT_CLASS (cb_key_tree_parent_class)->finalize (object);
}

static void
cb_key_tree_class_init (CbKeyTreeClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = cb_key_tree_dispose;
  G_OBJECT_CLASS (klass)->finalize = cb_key_tree_finalize;
}

static void
cb_key_tree_init (CbKeyTree *self)
{
  self->nodes = g_hash_table_new (NULL, NULL);
  self->expanded = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref, NULL);
  self->items = g_hash_table_new (NULL, NULL);
  self->chosen = g_hash_table_new (NULL, NULL);
  self->selected = gtk_bitset_new_empty ();
}

CbKeyTree *
cb_key_tree_new (void)
{
  return g_object_new (CB_TYPE_KEY_TREE, NULL);
}

void
cb_key_tree_set_finder (CbKeyTree *self, CbKeyFinder *finder, gboolean flat)
{
  guint n_before;
  guint n_rows = 0;

  g_return_if_fail (CB_IS_KEY_TREE (self));
  g_return_if_fail (finder == NULL || CB_IS_KEY_FINDER (finder));

  n_before = self->root != NULL ? self->root->n_rows : 0;
  if (finder != NULL)
    g_object_ref (finder);
  clear (self);
  self->finder = finder;
  self->flat = flat;
  if (finder != NULL)
    {
      self->store = cb_key_store_ref (cb_key_finder_get_store (finder));
      g_signal_connect_object (finder, "notify::running", G_CALLBACK (sort_later), self, G_CONNECT_SWAPPED);
      self->root = node_new (self, NULL, CB_FOLDER_ROOT, 0);
      n_rows = self->root->n_rows;
    }
  if (n_before > 0 || n_rows > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), 0, n_before, n_rows);
  if (self->root != NULL)
    expand_again (self->root, 0, n_rows);
}

/* A folder with nothing but a folder in it is no place to stop at. */
static void
expand_lone (CbKeyTree *self, CbFolderId folder)
{
  for (guint i = 0; i < MOST_LONE; i++)
    {
      Node *node = g_hash_table_lookup (self->nodes, GUINT_TO_POINTER (folder));
      CbKeyId key;

      if (node == NULL || node->n_own != 1 || !cb_key_list_peek (node->list, 0, &key, &folder) || key != CB_KEY_NONE)
        return;
      if (g_hash_table_contains (self->nodes, GUINT_TO_POINTER (folder)))
        continue;
      g_hash_table_add (self->expanded, dup_path (self, folder));
      expand (self, node, 0, folder);
    }
}

void
cb_key_tree_set_expanded (CbKeyTree *self, guint position, gboolean expanded)
{
  CbFolderId folder;
  CbKeyId key;
  guint index;
  Node *node;
  Node *child;

  g_return_if_fail (CB_IS_KEY_TREE (self));

  node = find_row (self, position, &index);
  if (node == NULL || !cb_key_list_peek (node->list, index, &key, &folder) || key != CB_KEY_NONE)
    return;

  child = g_hash_table_lookup (self->nodes, GUINT_TO_POINTER (folder));
  if (expanded == (child != NULL))
    return;

  if (expanded)
    {
      g_hash_table_add (self->expanded, dup_path (self, folder));
      expand (self, node, index, folder);
      expand_lone (self, folder);
    }
  else
    {
      g_autoptr (GBytes) path = dup_path (self, folder);

      g_hash_table_remove (self->expanded, path);
      collapse (self, child);
    }
}

guint
cb_key_tree_get_parent (CbKeyTree *self, guint position)
{
  guint index;
  Node *node;

  g_return_val_if_fail (CB_IS_KEY_TREE (self), GTK_INVALID_LIST_POSITION);

  node = find_row (self, position, &index);
  return node != NULL && node->parent != NULL ? position_of (node->parent, node->index) : GTK_INVALID_LIST_POSITION;
}

static gboolean
reveal_folder (CbKeyTree *self, CbFolderId folder)
{
  CbFolderId above;
  Node *node;
  guint index;

  if (g_hash_table_contains (self->nodes, GUINT_TO_POINTER (folder)))
    return TRUE;

  above = cb_key_store_get_parent (self->store, folder);
  if (above == CB_KEY_NONE || !reveal_folder (self, above))
    return FALSE;
  /* Coming to the one above may have expanded this one as well. */
  if (g_hash_table_contains (self->nodes, GUINT_TO_POINTER (folder)))
    return TRUE;
  node = g_hash_table_lookup (self->nodes, GUINT_TO_POINTER (above));
  index = cb_key_list_find (node->list, CB_KEY_NONE, folder);
  if (index == G_MAXUINT)
    return FALSE;

  g_hash_table_add (self->expanded, dup_path (self, folder));
  expand (self, node, index, folder);
  return TRUE;
}

guint
cb_key_tree_find (CbKeyTree *self, GBytes *name, gboolean reveal)
{
  gsize length;
  const char *bytes = g_bytes_get_data (name, &length);
  CbKeyId id;

  g_return_val_if_fail (CB_IS_KEY_TREE (self), GTK_INVALID_LIST_POSITION);

  if (self->store == NULL)
    return GTK_INVALID_LIST_POSITION;
  id = cb_key_store_find (self->store, bytes != NULL ? bytes : "", length);
  if (id == CB_KEY_NONE || cb_key_store_get_gone (self->store, id))
    return GTK_INVALID_LIST_POSITION;
  if (!self->flat && reveal && !reveal_folder (self, cb_key_store_get_key_folder (self->store, id)))
    return GTK_INVALID_LIST_POSITION;

  return find_what (self, what_of (id, CB_FOLDER_ROOT));
}

guint
cb_key_tree_find_item (CbKeyTree *self, CbKeyItem *item)
{
  gpointer what;

  g_return_val_if_fail (CB_IS_KEY_TREE (self), GTK_INVALID_LIST_POSITION);
  g_return_val_if_fail (CB_IS_KEY_ITEM (item), GTK_INVALID_LIST_POSITION);

  what = g_object_get_data (G_OBJECT (item), "what");
  return g_hash_table_lookup (self->items, what) == item ? find_what (self, what) : GTK_INVALID_LIST_POSITION;
}

guint
cb_key_tree_count_folders (CbKeyTree *self, GtkBitset *rows)
{
  GtkBitsetIter iter;
  guint position;
  guint n = 0;

  g_return_val_if_fail (CB_IS_KEY_TREE (self), 0);

  if (self->flat)
    return 0;
  for (gboolean more = gtk_bitset_iter_init_first (&iter, rows, &position); more;
       more = gtk_bitset_iter_next (&iter, &position))
    {
      gsize what = GPOINTER_TO_SIZE (get_what (self, position));

      if ((what & 2) != 0)
        n++;
    }
  return n;
}

static GPtrArray *
list_nodes (CbKeyTree *self)
{
  GPtrArray *folders = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer folder;

  g_hash_table_iter_init (&iter, self->nodes);
  while (g_hash_table_iter_next (&iter, &folder, NULL))
    g_ptr_array_add (folders, folder);
  return folders;
}

void
cb_key_tree_update_gone (CbKeyTree *self)
{
  g_autoptr (GPtrArray) folders = NULL;

  g_return_if_fail (CB_IS_KEY_TREE (self));

  folders = list_nodes (self);
  for (guint i = 0; i < folders->len; i++)
    {
      /* One may have gone with the one above it. */
      Node *node = g_hash_table_lookup (self->nodes, g_ptr_array_index (folders, i));

      if (node != NULL)
        {
          g_autoptr (CbKeyList) list = g_object_ref (node->list);

          cb_key_list_update_gone (list);
        }
    }
  cb_key_tree_count (self);
}

void
cb_key_tree_count (CbKeyTree *self)
{
  GHashTableIter iter;
  gpointer item;

  g_return_if_fail (CB_IS_KEY_TREE (self));

  g_hash_table_iter_init (&iter, self->items);
  while (g_hash_table_iter_next (&iter, NULL, &item))
    if (cb_key_row_is_folder (cb_key_item_get_row (item)))
      cb_key_item_count (item, is_partial (self));
}

/* ---- order ---- */

static Node *
find_node (CbKeyTree *self, CbKeyList *list)
{
  GHashTableIter iter;
  gpointer node;

  g_hash_table_iter_init (&iter, self->nodes);
  while (g_hash_table_iter_next (&iter, NULL, &node))
    if (((Node *) node)->list == list)
      return node;
  return NULL;
}

static void
sorted_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CbKeyTree) self = data;
  CbKeyList *list = CB_KEY_LIST (source);
  g_autoptr (GError) error = NULL;

  self->sorting = TRUE;
  /* Rows that went meanwhile: it is still unsorted, and is sorted again. One that was taken down tells nobody. */
  if (!cb_key_list_sort_finish (list, result, &error))
    g_debug ("Not sorted: %s", error->message);
  self->sorting = FALSE;
  if (self->sorted_list != list)
    return;

  g_clear_object (&self->sorted_list);
  if (error != NULL)
    {
      Node *node = find_node (self, list);

      if (node != NULL)
        node->unsorted = TRUE;
    }
  sort_later (self);
}

/* Whether it is time to sort this one, rather than later. */
static gboolean
is_ready (CbKeyTree *self, Node *node)
{
  return node->n_own <= SORT_OFTEN || (!cb_key_finder_get_running (self->finder) && cb_key_list_is_complete (node->list));
}

static gboolean
sort_cb (gpointer data)
{
  CbKeyTree *self = data;
  g_autoptr (GPtrArray) folders = list_nodes (self);
  gboolean more = FALSE;

  self->sort_id = 0;
  for (guint i = 0; i < folders->len; i++)
    {
      Node *node = g_hash_table_lookup (self->nodes, g_ptr_array_index (folders, i));

      if (node == NULL || !node->unsorted)
        continue;
      if (node->n_own <= SORT_AT_ONCE)
        {
          g_autoptr (CbKeyList) list = g_object_ref (node->list);

          node->unsorted = FALSE;
          self->sorting = TRUE;
          cb_key_list_sort (list, self->weights, self->descending);
          self->sorting = FALSE;
        }
      else if (self->sorted_list == NULL && is_ready (self, node))
        {
          node->unsorted = FALSE;
          self->sorted_list = g_object_ref (node->list);
          if (self->sort_cancellable == NULL)
            self->sort_cancellable = g_cancellable_new ();
          cb_key_list_sort_async (node->list, self->weights, self->descending, self->sort_cancellable, sorted_cb,
                                  g_object_ref (self));
        }
      else
        {
          more = TRUE;
        }
    }
  /* One after the other; the end of a search tells by itself. */
  if (more && self->sorted_list == NULL)
    sort_later (self);
  return G_SOURCE_REMOVE;
}

static void
sort_later (CbKeyTree *self)
{
  if (!self->sorted || self->sort_id != 0 || self->finder == NULL)
    return;

  self->sort_id = cb_key_finder_get_running (self->finder) ? g_timeout_add (SORT_MSEC, sort_cb, self)
                                                           : g_timeout_add (20, sort_cb, self);
}

void
cb_key_tree_set_sorted (CbKeyTree *self, gboolean sorted, GArray *weights, gboolean descending)
{
  g_return_if_fail (CB_IS_KEY_TREE (self));

  if (weights != NULL)
    g_array_ref (weights);
  g_clear_pointer (&self->weights, g_array_unref);
  self->weights = weights;
  self->sorted = sorted;
  self->descending = descending;
  unsort (self);
}
